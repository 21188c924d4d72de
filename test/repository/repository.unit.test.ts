import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { boundaryProblems } from '../../infra/scripts/check/boundaries.ts';
import { repositoryProblems } from '../../infra/scripts/check/repository.ts';
import { sourceFiles } from '../../infra/scripts/check/source-files.ts';

const root = join(import.meta.dirname, '../..');

describe('this repository', () => {
  test('keeps the rules of the house and of the contract', () => {
    expect(repositoryProblems(root)).toEqual([]);
  });

  test('counts as source what is written by hand, the contract of clients too', () => {
    const paths = sourceFiles(root).map(({ path }) => path);
    expect(paths).toContain('schema/shared.graphql');
    expect(paths.filter((path) => /generated|released|node_modules/.test(path))).toEqual([]);
  });

  test('keeps its boundaries', () => {
    expect(boundaryProblems(sourceFiles(root))).toEqual([]);
  });
});
