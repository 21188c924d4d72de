import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Contract, readContract } from '../generate/contract.ts';
import { fieldsOf } from '../generate/fields.ts';
import { camelCase, pascalCase } from '../generate/names.ts';
import { composeSupergraph } from '../generate/supergraph.ts';
import { readBaseline } from '../release/baseline.ts';
import { eventProblems } from './event-rules.ts';
import { matrixProblems } from './matrix-rules.ts';
import { namingProblems } from './naming-rules.ts';
import { nullabilityProblems, type PersonalFields } from './nullability.ts';
import { OPERATIONS, unexplainedReasons } from './operations-rules.ts';
import { ownershipProblems, readOwnership } from './ownership-rules.ts';
import { readmeProblems } from './readme-rules.ts';
import { mutationProblems, undescribed } from './sdl-rules.ts';
import { serviceNameProblems } from './service-names.ts';
import { type SourceFile, sourceFiles } from './source-files.ts';
import { sourceProblems } from './source-rules.ts';

/** Every rule that the repository keeps about itself, over the tree below `root`; one line per breach. */
export function repositoryProblems(root: string): string[] {
  const contract = readContract(root);
  const services = contract.services.map(({ name }) => name);
  const supergraph = composeSupergraph(contract)?.sdl;
  const files = sourceFiles(root);
  return [
    ...sourceProblems(files),
    ...serviceNameProblems(files, contract.services),
    ...operationsProblems(root, files),
    ...readmeProblems(root, services),
    ...matrixProblems(root, services),
    ...eventProblems(contract, readBaseline(root)?.schemas),
    ...namingProblems(root),
    ...ownershipProblems(contract, readOwnership(root)),
    ...contract.services.flatMap(({ name, sdl }) =>
      sdl.length === 0 ? [`schema/${name}/graphql holds no subgraph`] : [],
    ),
    ...(supergraph === undefined ? [] : supergraphProblems(supergraph, personalFields(contract))),
  ];
}

function operationsProblems(root: string, files: readonly SourceFile[]): string[] {
  const page = join(root, OPERATIONS);
  return existsSync(page) ? unexplainedReasons(files, readFileSync(page, 'utf8')) : [];
}

function supergraphProblems(sdl: string, personal: PersonalFields): string[] {
  return [...undescribed(sdl), ...mutationProblems(sdl), ...nullabilityProblems(sdl, personal)];
}

/** Which fields of which GraphQL type are personal, as the published states of the aggregates mark them. */
function personalFields(contract: Contract): PersonalFields {
  const aggregates = contract.services.flatMap((service) => service.aggregates);
  return new Map(
    aggregates.map((file) => {
      const personal = fieldsOf(contract, file).filter((field) => field.personal && /^\w+$/.test(field.path));
      return [pascalCase(file.name), personal.map(({ path }) => camelCase(path))];
    }),
  );
}
