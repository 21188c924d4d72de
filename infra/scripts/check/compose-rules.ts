import { COMPOSE_FILE, type Compose, type Container, isStep, mainOf } from '../deployment/compose.ts';
import type { Ground } from '../deployment/ground.ts';
import { environmentProblems } from './compose-settings.ts';

const DATA = '/var/lib/qtm';
const ADMIN_VOLUME = 'admin';
/** The only ones that are reached from outside, and from this machine alone. */
const PUBLISHED = ['gateway', 'issuer'];
const PREPARE = 'infra/docker/prepare.ts';

/** Where the compose file and what the code is and reads differ; one line each. */
export function composeProblems(compose: Compose, ground: Ground): string[] {
  const containers = Object.entries(compose.services);
  const problems = [
    ...ground.services.flatMap((service) => serviceProblems(service, compose)),
    ...containers.flatMap(([name, container]) => [
      ...buildProblems(name, container, ground),
      ...environmentProblems(name, container, compose, ground),
      ...orderProblems(name, container, compose),
      ...doorProblems(name, container, ground),
    ]),
    ...volumeProblems(compose),
    ...partProblems(compose, ground),
  ];
  return problems.map((problem) => `${COMPOSE_FILE}: ${problem}`);
}

/** A service is two containers around one volume that nobody else sees; the gateway waits for it. */
function serviceProblems(service: string, { services }: Compose): string[] {
  const [step, own, gateway] = [services[`${service}-prepare`], services[service], services.gateway];
  if (own === undefined) return [`services/${service} has no container`];
  if (step === undefined) return [`${service}: there is no step ${service}-prepare`];
  const problems: string[] = [];
  const hold = (holds: boolean, what: string) => void (holds || problems.push(`${service}: ${what}`));
  hold(own.build?.args.WORKSPACE === `services/${service}`, `is not built from services/${service}`);
  hold(mainOf(own) === `services/${service}/src/main.ts`, 'does not run its main');
  hold(step.build?.args.WORKSPACE === `services/${service}`, `its step is not built from services/${service}`);
  hold(mainOf(step) === PREPARE && step.command?.[2] === service, `its step does not run ${PREPARE} ${service}`);
  hold(String(own.volumes) === `${service}:${DATA}:ro`, `may read its own volume alone, ${service}:${DATA}:ro`);
  hold(
    String(step.volumes) === `${ADMIN_VOLUME}:${DATA}-admin:ro,${service}:${DATA}`,
    `its step has other volumes than ${ADMIN_VOLUME}:${DATA}-admin:ro and ${service}:${DATA}`,
  );
  hold(own.depends_on?.[`${service}-prepare`] !== undefined, 'does not wait for its step');
  hold(gateway?.depends_on?.[service] !== undefined, 'the gateway does not wait for it');
  return problems;
}

function buildProblems(name: string, { build, privileged, user }: Container, ground: Ground): string[] {
  const problems = privileged === true || user === 'root' ? [`${name}: runs as root`] : [];
  if (build === undefined) return problems;
  const { dockerfile, args } = build;
  if (dockerfile !== 'infra/docker/service.Dockerfile') problems.push(`${name}: is built by ${dockerfile}`);
  if (!ground.exists(`${args.WORKSPACE}/package.json`)) problems.push(`${name}: ${args.WORKSPACE} is no workspace`);
  return problems;
}

/** Whoever is waited for is there, and is waited for in the right way: a step until it is done, others until they are healthy. */
function orderProblems(name: string, { depends_on = {} }: Container, { services }: Compose): string[] {
  return Object.entries(depends_on).flatMap(([other, { condition }]) => {
    const container = services[other];
    if (container === undefined) return [`${name}: waits for ${other}, which is not there`];
    const right = isStep(container) ? 'service_completed_successfully' : 'service_healthy';
    if (condition !== right) return [`${name}: waits for ${other} by ${condition}, not ${right}`];
    const checked = isStep(container) || container.build !== undefined || container.healthcheck?.test !== undefined;
    return checked ? [] : [`${other}: has no health check`];
  });
}

function doorProblems(name: string, { ports = [] }: Container, ground: Ground): string[] {
  if (ports.length > 0 && !PUBLISHED.includes(name)) return [`${name}: publishes a port`];
  return ports
    .filter((port) => !port.startsWith('127.0.0.1:') || !port.endsWith(`:${ground.imageEnvironment.QTM_PORT}`))
    .map((port) => `${name}: publishes ${port}, not 127.0.0.1:<port>:${ground.imageEnvironment.QTM_PORT}`);
}

function volumeProblems({ services, volumes }: Compose): string[] {
  const used = Object.values(services).flatMap((container) =>
    (container.volumes ?? []).map((one) => one.split(':')[0] ?? ''),
  );
  return [
    ...used.filter((name) => !(name in volumes)).map((name) => `the volume ${name} is not declared`),
    ...Object.keys(volumes)
      .filter((name) => !used.includes(name))
      .map((name) => `nobody uses the volume ${name}`),
  ];
}

/** PostgreSQL and Kafka are what the local stack runs, set as it sets them. */
function partProblems({ services }: Compose, ground: Ground): string[] {
  const problems: string[] = [];
  for (const [name, image] of Object.entries(ground.images)) {
    if (services[name]?.image !== image) problems.push(`${name}: the local stack runs ${image}`);
  }
  const options = new Set(services.postgres?.command ?? []);
  for (const [name, value] of Object.entries(ground.postgresSettings)) {
    if (!options.has(`-c${name}=${value}`)) problems.push(`postgres: the local stack sets ${name}=${value}`);
  }
  for (const [name, value] of Object.entries(ground.kafkaEnvironment)) {
    if (services.kafka?.environment?.[name] !== value) problems.push(`kafka: the local stack sets ${name}: ${value}`);
  }
  return problems;
}
