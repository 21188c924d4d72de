import {
  type DefinitionNode,
  type DocumentNode,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  Kind,
  type TypeDefinitionNode,
  visit,
} from 'graphql';
import type { SdlFile } from '../generate/contract.ts';
import { parsed } from '../generate/supergraph.ts';

/** What a type and its extensions may each hold a part of. */
const PARTS = ['directives', 'interfaces', 'fields', 'values', 'types'] as const;
type Parts = Partial<Record<(typeof PARTS)[number], readonly unknown[]>>;

/**
 * The definitions in `files` by name, each type whole: with everything its extensions add, in whichever file they stand.
 * @throws ContractError where a file is not GraphQL
 */
export function wholeDefinitions(files: readonly SdlFile[]): readonly DefinitionNode[] {
  const types = new Map<string, TypeDefinitionNode>();
  const others: DefinitionNode[] = [];
  for (const definition of files.flatMap((file) => parsed(file).definitions)) {
    if (isTypeDefinitionNode(definition) || isTypeExtensionNode(definition)) {
      const name = definition.name.value;
      types.set(name, joined(types.get(name), definition as TypeDefinitionNode));
    } else {
      others.push(definition);
    }
  }
  return [...others, ...[...types.values()].sort((a, b) => (a.name.value < b.name.value ? -1 : 1))];
}

function joined(before: TypeDefinitionNode | undefined, more: TypeDefinitionNode): TypeDefinitionNode {
  const parts = PARTS.flatMap((part) => {
    const both = [...((before as Parts)?.[part] ?? []), ...((more as Parts)[part] ?? [])];
    return both.length === 0 ? [] : [[part, both]];
  });
  const kind = more.kind.replace('Extension', 'Definition');
  return { ...more, ...before, kind, ...Object.fromEntries(parts) } as TypeDefinitionNode;
}

/** A document of definitions without their descriptions, which promise nothing. */
export function undescribed(definitions: readonly DefinitionNode[]): DocumentNode {
  return visit(
    { kind: Kind.DOCUMENT, definitions },
    { enter: (node) => ('description' in node && node.description ? { ...node, description: undefined } : undefined) },
  );
}
