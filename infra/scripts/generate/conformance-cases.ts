import { parseAst } from 'rolldown/parseAst';

/** A test that shows a statement, by its name. */
export interface Case {
  readonly id: string;
  readonly kind: 'allow' | 'deny';
  readonly name: string;
}

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

const NAME = /^(T-[A-Z]{2}-\d{2}) (allow|deny): (.+)$/;
/** What keeps a test from running, or from having to pass: as a modifier, in its options or in its body. */
const SWITCHES = new Set(['skip', 'skipIf', 'runIf', 'todo', 'only', 'fails']);

/**
 * The cases of a test file that run whenever the file does, read from its syntax tree: what stands in a comment, is skipped by any of
 * vitest's means, has an empty table, or hangs on a condition shows nothing.
 */
export function casesIn(text: string): readonly Case[] {
  return testNames(parseAst(text, { lang: 'ts' }) as unknown as Node).flatMap((name) => {
    const [, id, kind, rest] = NAME.exec(name) ?? [];
    return id === undefined || rest === undefined ? [] : [{ id, kind: kind as Case['kind'], name: rest }];
  });
}

/** Names of the tests that are called directly, in a `describe` or in a loop. */
function testNames(node: Node | undefined): readonly string[] {
  switch (node?.type) {
    case 'Program':
    case 'BlockStatement':
      return (node.body as readonly Node[]).flatMap(testNames);
    case 'ForOfStatement':
      return testNames(node.body as Node);
    case 'ExpressionStatement':
      return namesOfCall(node.expression as Node);
    default:
      return [];
  }
}

function namesOfCall(call: Node): readonly string[] {
  if (call.type !== 'CallExpression') return [];
  const callee = call.callee as Node;
  const [title, ...rest] = call.arguments as readonly Node[];
  const body = rest.find(({ type }) => type === 'ArrowFunctionExpression' || type === 'FunctionExpression');
  if (title === undefined || body === undefined || isOff(callee)) return [];
  switch (calledName(callee)) {
    case 'describe':
      return rest.some((one) => one !== body && isOff(one)) ? [] : testNames(body.body as Node);
    case 'test':
    case 'it': {
      const name = constantText(title);
      return name === undefined || rest.some(isOff) ? [] : [name];
    }
    default:
      return [];
  }
}

/** `test` of `test`, `test.each(table)` and `test.concurrent.each(table)`. */
function calledName(callee: Node): string | undefined {
  if (callee.type === 'Identifier') return callee.name as string;
  if (callee.type === 'MemberExpression') return calledName(callee.object as Node);
  return callee.type === 'CallExpression' ? calledName(callee.callee as Node) : undefined;
}

function constantText(node: Node): string | undefined {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node.type !== 'TemplateLiteral' || (node.expressions as readonly Node[]).length > 0) return undefined;
  return (node.quasis as readonly { readonly value: { readonly cooked: string } }[])[0]?.value.cooked;
}

/** Whether one of the switches is named anywhere in it, or it is the call of `each` or `for` with an empty table. */
function isOff(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isOff);
  if (typeof value !== 'object' || value === null) return false;
  const node = value as Node;
  if (node.type === 'MemberExpression' && isSwitch(node.property as Node)) return true;
  if (node.type === 'Property' && isSwitch(node.key as Node)) return true;
  return isEmptyTable(node) || Object.values(node).some(isOff);
}

const isSwitch = (key: Node) => SWITCHES.has((key.name ?? key.value) as string);

function isEmptyTable({ type, callee, arguments: given }: Node): boolean {
  if (type !== 'CallExpression') return false;
  const name = ((callee as Node).property as Node | undefined)?.name;
  const [table] = given as readonly Node[];
  return (name === 'each' || name === 'for') && (table?.elements as readonly Node[] | undefined)?.length === 0;
}
