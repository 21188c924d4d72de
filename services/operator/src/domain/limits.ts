import { type Refusal, refuse } from '@qtm/service-kit/domain';

export type LimitCode = 'LIMIT_EXCEEDED' | 'SURFACE_NOT_ALLOWED';

const MAX_NAME = 200;
const MAX_SURFACES = 20;
/** A word of the system, as packs are named by. */
const SURFACE = /^[a-z](?:[a-z0-9_-]{0,62})$/;

/** A name to show: 1 to 200 characters, not white space alone. */
export function nameFault(field: string, name: string): Refusal<LimitCode> | undefined {
  const fits = name.trim() !== '' && [...name].length <= MAX_NAME;
  return fits ? undefined : refuse('LIMIT_EXCEEDED', { field, limit: `1 to ${MAX_NAME} characters` });
}

/** The surfaces an operator works on: 1 to 20. That packs are published for them is not asked: they may come later. */
export function surfacesFault(surfaces: readonly string[]): Refusal<LimitCode> | undefined {
  if (surfaces.length === 0 || surfaces.length > MAX_SURFACES) {
    return refuse('LIMIT_EXCEEDED', { field: 'surfaces', limit: `1 to ${MAX_SURFACES}` });
  }
  const wrong = surfaces.find((surface) => !SURFACE.test(surface));
  return wrong === undefined ? undefined : refuse('SURFACE_NOT_ALLOWED', { surface: wrong });
}
