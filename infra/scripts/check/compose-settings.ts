import type { Setting, SettingsSpec } from '@qtm/service-kit/door';
import { type Compose, type Container, mainOf } from '../deployment/compose.ts';
import type { Ground } from '../deployment/ground.ts';

const FILE = '_FILE';
/** `scheme://host:port` or `host:port`, one of a list, in which it may have a name: `name=scheme://host:port`. */
const ADDRESS = /^(?:[\w-]+=)?(?:\w+:\/\/(?:[^/@]*@)?)?([\w.-]+):(\d+)/;
const PASSWORD_IN_ADDRESS = /:\/\/[^/@:]*:[^/@]+@/;
const NAME_OF_SECRET = /PASSWORD|SECRET|KEY$/;

/** What is wrong with the variables a container is given; one line each. */
export function environmentProblems(name: string, container: Container, compose: Compose, ground: Ground): string[] {
  const given = Object.entries(container.environment ?? {});
  const problems = given.flatMap(([variable, value]) => leakProblem(variable, value));
  const main = mainOf(container);
  const settings = main === undefined ? undefined : ground.settings.get(main);
  if (main !== undefined && settings === undefined) problems.push(`nobody knows what ${main} reads`);
  if (settings !== undefined) problems.push(...settingsProblems(container, settings, compose, ground));
  return problems.map((problem) => `${name}: ${problem}`);
}

function leakProblem(variable: string, value: string): string[] {
  const literal = NAME_OF_SECRET.test(variable) && !variable.endsWith(FILE);
  return literal || PASSWORD_IN_ADDRESS.test(value) ? [`${variable} is a secret, and stands in the file`] : [];
}

/** Every variable is one that the process reads, every required one is there, and every value is right by its own declaration. */
function settingsProblems(container: Container, settings: SettingsSpec, compose: Compose, ground: Ground): string[] {
  const given = container.environment ?? {};
  const problems: string[] = [];
  for (const [variable, value] of Object.entries(given)) {
    const setting =
      settings[variable.endsWith(FILE) && !(variable in settings) ? variable.slice(0, -FILE.length) : variable];
    if (setting === undefined) problems.push(`${variable} is read by nobody there`);
    else if (variable in settings) problems.push(...valueProblems(variable, value, setting, compose, ground));
    else if (!(container.volumes ?? []).some((volume) => value.startsWith(`${volume.split(':')[1]}/`)))
      problems.push(`${variable}: ${value} lies in none of its volumes`);
  }
  const all = { ...ground.imageEnvironment, ...given };
  for (const [variable, setting] of Object.entries(settings)) {
    const missing = !('fallback' in setting) && !(variable in all) && !(`${variable}${FILE}` in all);
    if (missing) problems.push(`${variable} is missing: ${setting.description}`);
  }
  return problems;
}

function valueProblems(
  variable: string,
  value: string,
  setting: Setting<unknown>,
  compose: Compose,
  ground: Ground,
): string[] {
  if (setting.secret === true) return [`${variable} is a secret: give ${variable}${FILE}`];
  try {
    setting.parse(value);
  } catch (error) {
    return [`${variable}: ${(error as Error).message}`];
  }
  if (!setting.form.includes('host:port')) return [];
  return value.split(',').flatMap((one) => {
    const [address = one, host = '', port] = ADDRESS.exec(one.trim()) ?? [];
    return listensAt(compose.services[host], ground).includes(Number(port))
      ? []
      : [`${variable}: nobody listens at ${address}`];
  });
}

/** The ports a container listens on. */
function listensAt(container: Container | undefined, { imageEnvironment, images }: Ground): readonly number[] {
  if (container === undefined) return [];
  if (container.image === images.postgres) return [5_432];
  const listeners = container.environment?.KAFKA_LISTENERS ?? '';
  if (container.build === undefined) return [...listeners.matchAll(/:(\d+)/g)].map(([, port]) => Number(port));
  return [Number(container.environment?.QTM_PORT ?? imageEnvironment.QTM_PORT)];
}
