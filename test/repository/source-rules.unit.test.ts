import { describe, expect, test } from 'vitest';
import { boundaryProblems } from '../../infra/scripts/check/boundaries.ts';
import { undeclaredPackages } from '../../infra/scripts/check/dependency-rules.ts';
import { serviceNameProblems } from '../../infra/scripts/check/service-names.ts';
import { sourceProblems } from '../../infra/scripts/check/source-rules.ts';

const boundary = (path: string, text: string) => boundaryProblems([{ path, text }]);
const source = (path: string, text: string) => sourceProblems([{ path, text }]);

describe('boundaries', () => {
  const domain = 'services/a/src/domain/thing.ts';

  test.each([
    [
      'a service by path',
      'services/a/src/x.ts',
      "import { y } from '../../b/src/y.ts';",
      'imports the service services/b',
    ],
    ['a type of a service', 'services/a/src/x.ts', "import type { Y } from '@qtm/b-service';", '@qtm/b-service'],
    ['a service from a type', 'services/a/src/x.ts', "type Y = import('@qtm/b-service').Y;", '@qtm/b-service'],
    ['a service later', 'services/a/src/x.ts', "await import('@qtm/b-service');", '@qtm/b-service'],
    ['a service passed on', 'gateway/src/x.ts', "export * from '@qtm/b-service';", '@qtm/b-service'],
    ['a service from a test', 'services/a/src/x.unit.test.ts', "import { y } from '../../b/src/y.ts';", 'services/b'],
    ['I/O in a rule', domain, "import fs from 'node:fs';", 'a pure rule imports node:fs'],
    ['the kit in a rule', domain, "import { x } from '@qtm/service-kit';", 'a pure rule imports @qtm/service-kit;'],
    ['the store in a rule', domain, "import { x } from '../store.ts';", 'a pure rule imports services/a/src/store.ts'],
    ['the harness in what serves', 'services/a/src/x.ts', "import { h } from '@qtm/test/harness';", '@qtm/test'],
    ['the local stack in the gateway', 'gateway/src/x.ts', "import { h } from '@qtm/local';", '@qtm/local'],
    ['relations in the kit', 'infra/service-kit/src/x.ts', "import { r } from '@qtm/relations';", 'below everything'],
    ['a way out by path', 'services/a/src/x.ts', "import { r } from '../../../infra/relations/src/r.ts';", 'by a path'],
  ])('no import of %s', (_, path, text, problem) => {
    expect(boundary(path, text)).toEqual([expect.stringContaining(problem)]);
  });

  test('names the line', () => {
    expect(boundary(domain, "// first\nimport fs from 'node:fs';")[0]).toMatch(
      /^services\/a\/src\/domain\/thing\.ts:2: /,
    );
  });

  test('lets pass what stands below', () => {
    expect(
      boundary(domain, "import { next } from '@qtm/service-kit/domain';\nimport { r } from './refusals.ts';"),
    ).toEqual([]);
    expect(boundary('services/a/src/domain/thing.unit.test.ts', "import { test } from 'vitest';")).toEqual([]);
    expect(boundary('services/a/src/x.ts', "import { r } from '@qtm/relations';")).toEqual([]);
    expect(boundary('infra/service-kit/src/x.int.test.ts', "import { h } from '@qtm/local';")).toEqual([]);
  });

  test('no circle, which is named once', () => {
    const files = ['a', 'b', 'c'].map((name, index) => ({
      path: `gateway/src/${name}.ts`,
      text: `import { x } from './${['b', 'c', 'a'][index]}.ts';`,
    }));
    expect(boundaryProblems(files)).toEqual([
      'gateway/src/a.ts: imports itself: gateway/src/a.ts → gateway/src/b.ts → gateway/src/c.ts → gateway/src/a.ts',
    ]);
  });
});

describe('source rules', () => {
  test.each([
    ['the clock in a rule', 'services/a/src/domain/x.ts', 'const now = Date.now();', 'asks the clock'],
    ['chance in a rule', 'services/a/src/domain/x.ts', 'const id = Math.random();', 'makes up values'],
    ['waiting in a rule', 'services/a/src/domain/x.ts', 'await later();', 'waits for something'],
    ['the console', 'services/a/src/x.ts', 'console.log(1);', 'log through the kit'],
    ['the environment', 'gateway/src/x.ts', 'const x = process.env.X;', "kit's settings"],
    ['work left behind', 'gateway/src/x.ts', `// ${'TO'}DO later`, 'work left behind'],
    ['a focused test', 'gateway/src/x.unit.test.ts', `test${'.only'}('x', f);`, 'focused'],
    ['a switched-off checker', 'gateway/src/x.ts', `// @ts-${'ignore'}`, 'type checker'],
    ['an empty name', 'gateway/src/http-utils.ts', '', 'says nothing'],
    ['camel case', 'gateway/src/dataSource.ts', '', 'kebab-case'],
  ])('no %s', (_, path, text, problem) => {
    expect(source(path, text)).toEqual([expect.stringContaining(problem)]);
  });

  test('no file above 400 lines', () => {
    expect(source('gateway/src/x.ts', 'x;\n'.repeat(400))).toEqual([]);
    expect(source('gateway/src/x.ts', 'x;\n'.repeat(401))).toEqual(['gateway/src/x.ts: 401 lines, more than 400']);
  });

  test('a comment may speak of what code must not do', () => {
    expect(source('gateway/src/x.ts', '// never console.log here')).toEqual([]);
  });
});

describe('names of services', () => {
  const services = [{ name: 'orders', eventPrefix: 'x1.orders' }];
  const named = (path: string, text: string) => serviceNameProblems([{ path, text }], services);

  test.each(["'services/orders/src'", "'x1.orders.events.v1'", "'@qtm/orders-service'", "'orders_app'", "'orders'"])(
    'not %s in the kit',
    (text) => expect(named('infra/service-kit/src/x.ts', `const x = ${text};`)).toHaveLength(1),
  );

  test('not in the migrations of the kit', () => {
    expect(named('infra/service-kit/migrations/1.sql', 'GRANT SELECT TO orders_app;')).toHaveLength(1);
  });

  test('but anywhere else, and as a word of a sentence', () => {
    expect(named('services/orders/src/x.ts', "const x = 'orders';")).toEqual([]);
    expect(named('infra/service-kit/src/x.ts', "const x = 'takes orders from nobody';")).toEqual([]);
  });
});

describe('packages', () => {
  const manifests = ['services/a', 'infra/scripts'].map((folder) => {
    return { folder, dependencies: { graphql: '1' }, devDependencies: { vitest: '1' } };
  });
  const undeclared = (path: string, text: string) => undeclaredPackages([{ path, text }], manifests);

  test('what an image lacks is not imported', () => {
    expect(undeclared('services/a/src/x.ts', "import { x } from 'undici';")).toEqual([
      'services/a/src/x.ts:1: undici is no dependency of services/a/package.json',
    ]);
    expect(undeclared('services/a/src/x.ts', "import type { T } from '@scope/p/deep';")[0]).toContain(
      ': @scope/p is no',
    );
    expect(undeclared('services/a/src/x.ts', "await import('vitest');")).toHaveLength(1);
  });

  test('what is named, what lies beside and what Node has may be', () => {
    const text = "import 'graphql/language';\nimport './y.ts';\nimport 'node:fs';";
    expect(undeclared('services/a/src/x.ts', text)).toEqual([]);
    expect(undeclared('infra/scripts/x.ts', "import 'vitest';")).toEqual([]);
    expect(undeclared('services/a/src/x.unit.test.ts', "import 'vitest';")).toEqual([]);
  });
});
