import { parseAst } from 'rolldown/parseAst';
import type { SourceFile } from './source-files.ts';

/** A text that a module holds, with the line it stands on. */
export interface Text {
  readonly value: string;
  readonly line: number;
}

export interface ModuleTexts {
  /** Modules that it imports or exports from, types and dynamic imports included. */
  readonly imports: readonly Text[];
  /** Its other string literals and the constant parts of its templates. */
  readonly strings: readonly Text[];
}

interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly source?: SyntaxNode | null;
  readonly value?: unknown;
  readonly [key: string]: unknown;
}

/** What a TypeScript or JavaScript module imports and the texts in it, read from its syntax tree. */
export function textsOf(file: SourceFile): ModuleTexts {
  const imports: Text[] = [];
  const strings: Text[] = [];
  const visit = (value: unknown, isSource: boolean): void => {
    if (Array.isArray(value)) {
      for (const item of value) visit(item, false);
    } else if (isNode(value)) {
      const text = textOf(value);
      if (text !== undefined)
        (isSource ? imports : strings).push({ value: text, line: lineAt(file.text, value.start) });
      for (const [key, inner] of Object.entries(value)) visit(inner, key === 'source');
    }
  };
  visit(parseAst(file.text, { lang: file.path.endsWith('.ts') ? 'ts' : 'js' }), false);
  return { imports, strings };
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function textOf(node: SyntaxNode): string | undefined {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node.type === 'TemplateElement') return (node.value as { raw: string }).raw;
  return undefined;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
