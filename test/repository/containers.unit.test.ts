import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import { SERVICE_SETTINGS } from '@qtm/service-kit/settings';
import { describe, expect, test } from 'vitest';
import { composeProblems } from '../../infra/scripts/check/compose-rules.ts';
import { dockerfileProblems } from '../../infra/scripts/check/dockerfile-rules.ts';
import { COMPOSE_FILE, parseCompose, readCompose } from '../../infra/scripts/deployment/compose.ts';
import { copiesOf, ignoredBy, stagesOf } from '../../infra/scripts/deployment/dockerfile.ts';
import { DOCKERFILE, type Ground, groundOf } from '../../infra/scripts/deployment/ground.ts';
import { composeWith } from '../../infra/scripts/new/compose.ts';
import { gatewaySettings } from '../../infra/scripts/settings/processes.ts';

const ground = await groundOf(ROOT);
const file = readFileSync(join(ROOT, COMPOSE_FILE), 'utf8');
const dockerfile = readFileSync(join(ROOT, DOCKERFILE), 'utf8');
const [service = '', other = ''] = ground.services;

/** The text with one violation planted; what is to be replaced must be there. */
function planted(text: string, from: string | RegExp, to: string): string {
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  return changed;
}

describe('docker-compose.yml', () => {
  const problems = (text: string) => composeProblems(parseCompose(text), ground);

  test('fits services, ports, settings and the local stack', () => {
    expect(problems(file)).toEqual([]);
  });

  test('lacks a service that is new', () => {
    const grown: Ground = { ...ground, services: [...ground.services, 'treasury'] };
    expect(composeProblems(parseCompose(file), grown)).toEqual([`${COMPOSE_FILE}: services/treasury has no container`]);
  });

  test('takes a new service by an edit of the text', async () => {
    const service = 'treasury';
    const folder = `services/${service}`;
    const grown: Ground = {
      ...ground,
      services: [...ground.services, service],
      settings: new Map([
        ...ground.settings,
        [`${folder}/src/main.ts`, SERVICE_SETTINGS],
        ['gateway/src/main.ts', await gatewaySettings(ROOT, [...ground.services, service])],
      ]),
      exists: (path) => path.startsWith(`${folder}/`) || ground.exists(path),
    };
    expect(composeProblems(parseCompose(composeWith(file, service, ground.services)), grown)).toEqual([]);
  });

  test.each<[string, string | RegExp, string, string]>([
    [
      'a workspace that is not there',
      /WORKSPACE: gateway/,
      'WORKSPACE: gatehouse',
      'gateway: gatehouse is no workspace',
    ],
    ['another Dockerfile', 'infra/docker/service.Dockerfile', 'Dockerfile', 'is built by Dockerfile'],
    [
      'a variable that nobody reads',
      'QTM_KAFKA_BROKERS:',
      'QTM_KAFKA_BROKER:',
      `${service}: QTM_KAFKA_BROKER is read by nobody there`,
    ],
    ['a required variable that is missing', /\n +QTM_AUDIENCE: qtm/, '', 'gateway: QTM_AUDIENCE is missing: '],
    [
      'an address of a service that is missing',
      new RegExp(`\\n +QTM_SUBGRAPH_${service.toUpperCase()}_URLS: .*`),
      '',
      `gateway: QTM_SUBGRAPH_${service.toUpperCase()}_URLS is missing`,
    ],
    [
      'a value that the process would refuse',
      'QTM_KAFKA_BROKERS: kafka:9092',
      'QTM_KAFKA_BROKERS: kafka',
      `${service}: QTM_KAFKA_BROKERS: not host:port`,
    ],
    [
      'a port where nobody listens',
      `http://${service}:4000/graphql`,
      `http://${service}:4001/graphql`,
      `nobody listens at http://${service}:4001`,
    ],
    [
      'an owner where nobody listens',
      /(QTM_OWNER_URLS: [\w-]+=\S+?):4000/,
      '$1:4001',
      'QTM_OWNER_URLS: nobody listens at ',
    ],
    [
      'a broker where nobody listens',
      'QTM_KAFKA_BROKERS: kafka:9092',
      'QTM_KAFKA_BROKERS: kafka:9099',
      'QTM_KAFKA_BROKERS: nobody listens at kafka:9099',
    ],
    [
      'a name that no container has',
      'http://issuer:4000/jwks.json',
      'http://issuers:4000/jwks.json',
      'nobody listens at http://issuers:4000',
    ],
    [
      'a secret in the file',
      /QTM_CONSISTENCY_SECRET_FILE: .*/,
      `QTM_CONSISTENCY_SECRET: ${'x'.repeat(32)}`,
      'QTM_CONSISTENCY_SECRET is a secret',
    ],
    [
      'a password in an address',
      'postgres://postgres@postgres',
      'postgres://postgres:postgres@postgres',
      'QTM_ADMIN_DATABASE_URL is a secret, and stands in the file',
    ],
    [
      'the password of PostgreSQL',
      /POSTGRES_PASSWORD_FILE: .*/,
      'POSTGRES_PASSWORD: postgres',
      'POSTGRES_PASSWORD is a secret, and stands in the file',
    ],
    [
      'a secret from a volume it has not',
      'QTM_DATABASE_URL_FILE: /var/lib/qtm/',
      'QTM_DATABASE_URL_FILE: /run/',
      'QTM_DATABASE_URL_FILE: /run/database-url lies in none of its volumes',
    ],
    [
      'the volume of another service',
      `volumes: ['${service}:/var/lib/qtm:ro']`,
      `volumes: ['${other}:/var/lib/qtm:ro']`,
      `${service}: may read its own volume alone`,
    ],
    [
      'the administrator in a service',
      `volumes: ['${service}:/var/lib/qtm:ro']`,
      `volumes: ['${service}:/var/lib/qtm:ro', 'admin:/a:ro']`,
      `${service}: may read its own volume alone`,
    ],
    [
      'a step of another service',
      `prepare.ts, ${service}]`,
      `prepare.ts, ${other}]`,
      `${service}: its step does not run infra/docker/prepare.ts ${service}`,
    ],
    [
      'a service that does not wait for its step',
      new RegExp(`\\n +${service}-prepare: \\{ cond.*`),
      '',
      `${service}: does not wait for its step`,
    ],
    [
      'a step that is waited for as if it stayed',
      'keys: { condition: service_completed_successfully }',
      'keys: { condition: service_healthy }',
      'postgres: waits for keys by service_healthy',
    ],
    [
      'somebody who is only started',
      'kafka: { condition: service_healthy }',
      'kafka: { condition: service_started }',
      `${service}: waits for kafka by service_started`,
    ],
    [
      'a gateway that does not wait',
      new RegExp(`\\n +${service}: \\{ condition: service_healthy \\}`),
      '',
      `${service}: the gateway does not wait for it`,
    ],
    ['a part without a health check', /\n +healthcheck: \{ test: \[CMD, bash.*/, '', 'kafka: has no health check'],
    ['a port for everybody', '127.0.0.1:${GATEWAY_PORT', '${GATEWAY_PORT', 'gateway: publishes '],
    ['a published database', 'shm_size: 256mb', "ports: ['127.0.0.1:5432:5432']", 'postgres: publishes a port'],
    ['an image that is not pinned', 'postgres:18.4', 'postgres:latest', 'postgres: the local stack runs postgres:18'],
    [
      'another release of Kafka',
      'apache/kafka:4.3.1',
      'apache/kafka:4.2.0',
      'kafka: the local stack runs apache/kafka:4.3.1',
    ],
    [
      'no logical replication',
      '-cwal_level=logical',
      '-cwal_level=replica',
      'postgres: the local stack sets wal_level=logical',
    ],
    [
      'topics made by a misspelling',
      "KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false'",
      "KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'true'",
      'kafka: the local stack sets KAFKA_AUTO_CREATE_TOPICS_ENABLE: false',
    ],
    ['root', 'image: qtm-os/gateway', 'image: qtm-os/gateway\n    user: root', 'gateway: runs as root'],
    ['a volume that is not declared', `  ${service}: {}\n`, '', `the volume ${service} is not declared`],
    ['a volume that nobody uses', '  admin: {}\n', '  admin: {}\n  spare: {}\n', 'nobody uses the volume spare'],
  ])('with %s is refused', (_, from, to, problem) => {
    expect(problems(planted(file, from, to))).toContainEqual(expect.stringContaining(problem));
  });
});

describe('the Dockerfile', () => {
  const compose = readCompose(ROOT);
  const problems = (text: string, ignore?: string) => {
    const stages = stagesOf(text);
    return dockerfileProblems(compose, {
      ...ground,
      stages,
      ...(ignore === undefined ? {} : { isIgnored: ignoredBy(ignore) }),
    });
  };

  test('copies what is there, and everything that is run', () => {
    expect(problems(dockerfile)).toEqual([]);
  });

  test.each<[string, string | RegExp, string, string]>([
    ['copies what is not there', 'COPY schema schema', 'COPY schemas schema', 'COPY schemas: it is not there'],
    [
      'leaves out what is run',
      'COPY infra/docker infra/docker',
      'COPY infra/local infra/local',
      'infra/docker/healthy.ts is run, but not in the image',
    ],
    [
      'leaves out the process itself',
      /COPY \$\{WORKSPACE\}.*/,
      '',
      `services/${service}/src/main.ts is run, but not in the image`,
    ],
    [
      'runs another Node',
      /FROM node:[\d.]+-trixie-slim\nARG/,
      'FROM node:20.0.0-trixie-slim\nARG',
      'is not the Node of package.json',
    ],
    ['runs as root', 'USER node', 'USER root', 'the image runs as root'],
    ['tells nothing of its health', /HEALTHCHECK.*/, '', 'the image has no HEALTHCHECK'],
    ['starts elsewhere', /WORKDIR \/qtm\/\$.*/, 'WORKDIR /qtm', 'the image starts in /qtm'],
  ])('that %s is refused', (_, from, to, problem) => {
    expect(problems(planted(dockerfile, from, to))).toContainEqual(expect.stringContaining(problem));
  });

  test('copies nothing that is kept from the builder', () => {
    expect(problems(dockerfile, 'schema\n')).toEqual([`${DOCKERFILE}: COPY schema: it is kept away by .dockerignore`]);
  });
});

describe('reading a Dockerfile', () => {
  const text = `# a\nFROM a AS b\nWORKDIR /x\nRUN one \\\n  two\nFROM c\nWORKDIR y\nCOPY --from=b /x .\nCOPY d/\${WORKSPACE} e f/\n`;

  test('tells stages apart and joins lines', () => {
    expect(stagesOf(text).map((stage) => stage.map(({ name }) => name))).toEqual([
      ['FROM', 'WORKDIR', 'RUN'],
      ['FROM', 'WORKDIR', 'COPY', 'COPY'],
    ]);
    expect(stagesOf(text)[0]?.[2]?.text).toMatch(/^one +two$/);
  });

  test('finds what comes from the repository, and where it goes', () => {
    expect(copiesOf(stagesOf(text)[1] ?? [], 'w')).toEqual([{ from: ['d/w', 'e'], to: '/y/f' }]);
  });

  test('the last pattern of .dockerignore decides', () => {
    const ignored = ignoredBy('# c\n**/test\n*.log\n!test/package.json\n');
    expect(['a/test/x.ts', 'test', 'x.log'].map(ignored)).toEqual([true, true, true]);
    expect(['test/package.json', 'a/x.log', 'a/tests'].map(ignored)).toEqual([false, false, false]);
  });
});
