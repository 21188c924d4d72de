const words = (text: string): readonly string[] => text.split(' ');

/**
 * The spine: the steps around every service event in their order, the same for all surfaces (S1:8, S3:5-72). A pack describes what
 * happens inside an execution and may neither add, rename nor reorder any of this (S1:55, 60; T-SP-19, T-SP-32).
 */
export const SPINE = words('actor request intake task assignment job service_event record settlement signal');

const STEPS = [...SPINE.map((step) => step.replace('_', '')), 'payment'];
/** What is done to a step around the execution, and the states it leads to. */
const EXECUTION = [
  ...words('assign claim release start complete cancel abort seal settle pay'),
  ...words('assigned claimed released started completed canceled cancelled aborted sealed settled paid'),
];
/** Words that speak of the spine only beside a step: `review` may be a stage, `review_task` may not. */
const GOVERNANCE = [
  ...words('submit review approve reject withdraw create close correct queue'),
  ...words('submitted reviewed approved rejected withdrawn created closed corrected queued'),
];
/** How a definition would reach out of its stages. */
const REACHES = words('spine envelope step state transition hook trigger before after on from to next');

const TELLING = new Set([...STEPS, ...EXECUTION]);
const WORDS = new Set([...TELLING, ...GOVERNANCE]);
const KEY_WORDS = new Set([...WORDS, ...REACHES]);

/**
 * True where a stage of this name would be a step of the spine, under its own or another name: `record`, `claim_job`,
 * `job_created`. One word of its own makes a name the surface's: `damage_record`.
 */
export function namesSpineStep(stage: string): boolean {
  const words = wordsOf(stage);
  return words.some((word) => TELLING.has(word)) && words.every((word) => WORDS.has(word));
}

/** True where a key of a definition speaks of the spine: `states`, `settlement`, `onComplete`. */
export function reachesForSpine(key: string): boolean {
  const words = wordsOf(key);
  return words.length > 0 && words.every((word) => KEY_WORDS.has(word) || KEY_WORDS.has(word.replace(/s$/, '')));
}

function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/service_?event/g, 'serviceevent')
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}
