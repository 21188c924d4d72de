/** What an identity is to an operator, and which roles it holds: the one place that asks. */
export { type ExecutionFacts, executionConditions, executionFacts } from './execution.ts';
export { audiencesOf, type GovernorFacts, governed, governorFacts, governs, OVERSEERS } from './network.ts';
export {
  EXECUTES,
  GOVERNS,
  type Holding,
  holdsAny,
  isActive,
  type OperatorState,
  operatorOf,
  type Relation,
  registerOf,
  SEES,
  type Standing,
  standing,
} from './operators.ts';
export { not_oneself, principal } from './principal.ts';
export { REMEDIES } from './remedies.ts';
export {
  activeOperatorsOf,
  candidateOperators,
  hasAnyRole,
  notSuspended,
  operatorsOf,
  orAgent,
  type Viewer,
  viewerOf,
} from './view.ts';
