import { type ASTVisitor, GraphQLError, Kind, type SelectionSetNode, type ValidationContext } from 'graphql';

/** Each root field is a question of its own; a small document can hold thousands of costly ones. */
const MAX_ROOT_FIELDS = 100;

/**
 * Bounds of one operation, far above what any client needs, so that no request takes a process away from all others: how much is read,
 * how much of it fragments may make, how much is asked. What is beyond is refused before anything is planned or resolved.
 */
export const OPERATION_BOUNDS = {
  parseOptions: { maxTokens: 15_000 },
  maxRecursiveSelections: 10_000,
  validationRules: [boundedRootFields, knownOperation],
};

function boundedRootFields(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(node) {
      const fields = countFields(context, node.selectionSet, new Map());
      if (fields <= MAX_ROOT_FIELDS) return;
      const message = `an operation asks at most ${MAX_ROOT_FIELDS} root fields; this one asks ${fields}`;
      context.reportError(new GraphQLError(message, { nodes: node }));
    },
  };
}

/** Fields with those of fragments, each as often as it is spread; fragments in a circle are another rule's matter. */
function countFields(context: ValidationContext, set: SelectionSetNode, known: Map<string, number>): number {
  let fields = 0;
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) fields += 1;
    else if (selection.kind === Kind.INLINE_FRAGMENT) fields += countFields(context, selection.selectionSet, known);
    else fields += countSpread(context, selection.name.value, known);
  }
  return fields;
}

function countSpread(context: ValidationContext, name: string, known: Map<string, number>): number {
  const counted = known.get(name);
  if (counted !== undefined) return counted;
  known.set(name, 0);
  const fragment = context.getFragment(name);
  const fields = fragment == null ? 0 : countFields(context, fragment.selectionSet, known);
  known.set(name, fields);
  return fields;
}

/** An operation of a kind that the schema does not have would be found out only when it runs, as a fault. */
function knownOperation(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(node) {
      if (context.getSchema().getRootType(node.operation) != null) return;
      context.reportError(new GraphQLError(`there are no operations of the kind ${node.operation}`, { nodes: node }));
    },
  };
}
