import { isTest, type SourceFile } from './source-files.ts';

const MAX_LINES = 400;

interface BannedText {
  readonly pattern: RegExp;
  readonly where: (path: string) => boolean;
  /** Comments hold no code; only some rules are about them. */
  readonly inComments?: boolean;
  readonly why: string;
}

const isDomain = (path: string) => /^services\/[^/]+\/src\/domain\//.test(path) && !isTest(path);
const isScript = (path: string) => path.startsWith('infra/scripts/');
const isServing = (path: string) => !isScript(path) && !path.startsWith('infra/local/') && !isTest(path);
const readsNoEnvironment = (path: string) => isServing(path) && path !== 'infra/service-kit/src/process/settings.ts';
const everywhere = () => true;

const BANNED: readonly BannedText[] = [
  { pattern: /\bDate\.now\(|\bnew Date\(\)/, where: isDomain, why: 'a pure rule asks the clock' },
  { pattern: /\bMath\.random\(|\brandomUUID\(/, where: isDomain, why: 'a pure rule makes up values' },
  { pattern: /\bawait\b|\bPromise\b/, where: isDomain, why: 'a pure rule waits for something' },
  { pattern: /\bconsole\./, where: isServing, why: 'processes log through the kit' },
  { pattern: /\bprocess\.env\b/, where: readsNoEnvironment, why: "only the kit's settings read the environment" },
  { pattern: /\b(?:describe|test|it)\.only\(/, where: isTest, why: 'a focused test hides the others' },
  {
    pattern: /\bT[O]DO\b|\bF[I]XME\b/,
    where: everywhere,
    inComments: true,
    why: 'work left behind belongs into an issue',
  },
  { pattern: /@ts-(?:ignore|nocheck)/, where: everywhere, inComments: true, why: 'the type checker is switched off' },
];

const BANNED_NAMES = /(?:^|[/-])(?:utils?|helpers?|common|managers?)(?:[.-]|$)/;

/** Files that are too long, badly named or hold what is banned, one line each. */
export function sourceProblems(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => [...shapeProblems(file), ...bannedTexts(file)]);
}

function shapeProblems({ path, text }: SourceFile): string[] {
  const problems: string[] = [];
  const lines = text.split('\n').length - 1;
  const fileName = path.split('/').at(-1) ?? '';
  if (lines > MAX_LINES) problems.push(`${path}: ${lines} lines, more than ${MAX_LINES}`);
  if (BANNED_NAMES.test(fileName)) problems.push(`${path}: the name says nothing about what is in it`);
  if (/\.(?:ts|mjs)$/.test(fileName) && fileName !== fileName.toLowerCase())
    problems.push(`${path}: not in kebab-case`);
  return problems;
}

function bannedTexts({ path, text }: SourceFile): string[] {
  const rules = BANNED.filter(({ where }) => where(path));
  return text.split('\n').flatMap((line, index) => {
    const isComment = /^\s*(?:\/\/|\*|\/\*)/.test(line);
    return rules
      .filter(({ pattern, inComments = false }) => (inComments || !isComment) && pattern.test(line))
      .map(({ why }) => `${path}:${index + 1}: ${why}`);
  });
}
