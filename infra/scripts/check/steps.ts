import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { readCompose } from '../deployment/compose.ts';
import { groundOf } from '../deployment/ground.ts';
import { readContract } from '../generate/contract.ts';
import { staleFiles, writeOutput } from '../generate/output.ts';
import { composeSupergraph } from '../generate/supergraph.ts';
import { generateAll } from '../generate.ts';
import { verdictOn } from '../release/verdict.ts';
import { declaredProcesses } from '../settings/processes.ts';
import { boundaryProblems } from './boundaries.ts';
import { composeProblems } from './compose-rules.ts';
import { manifestsOf, undeclaredPackages } from './dependency-rules.ts';
import { dockerfileProblems } from './dockerfile-rules.ts';
import { repositoryProblems } from './repository.ts';
import { undeclaredSettings } from './settings-rules.ts';
import { sourceFiles } from './source-files.ts';

export interface StepResult {
  /** One line each; none where the step passes. */
  readonly problems: readonly string[];
  /** Worth knowing, but no reason to fail. */
  readonly notes?: readonly string[];
}

export interface Step {
  readonly name: string;
  readonly what: string;
  /** With `fix`, repairs first what can be repaired without a decision. */
  run(root: string, fix: boolean): Promise<StepResult>;
}

export const STEPS: readonly Step[] = [
  {
    name: 'composition',
    what: 'every subgraph composes into the supergraph',
    run: async (root) => ({ problems: [], notes: composeSupergraph(readContract(root))?.hints ?? [] }),
  },
  {
    name: 'generated',
    what: 'generated files are those of the contract, the code and the tests',
    async run(root, fix) {
      const output = await generateAll(root);
      if (fix) writeOutput(root, output);
      const stale = staleFiles(root, output);
      return { problems: stale.map((path) => `${path} is out of date: run \`npm run generate\``) };
    },
  },
  {
    name: 'released',
    what: 'nothing that was released is broken',
    run: verdictOn,
  },
  {
    name: 'types',
    what: 'TypeScript',
    run: (root) => command(root, 'tsc', ['--noEmit', '--pretty', 'false', '-p', 'tsconfig.json']),
  },
  {
    name: 'lint',
    what: 'lint and format, no warnings',
    run: (root, fix) => command(root, 'biome', ['check', ...(fix ? ['--write'] : []), ...BIOME_OPTIONS]),
  },
  {
    name: 'boundaries',
    what: 'who imports whom, what each package.json names, and no circles',
    async run(root) {
      const files = sourceFiles(root);
      return { problems: [...boundaryProblems(files), ...undeclaredPackages(files, manifestsOf(root))] };
    },
  },
  {
    name: 'settings',
    what: 'every variable that the code names is declared',
    async run(root) {
      const processes = await declaredProcesses(root);
      const names = processes.flatMap(({ settings }) => Object.keys(settings));
      return { problems: undeclaredSettings(sourceFiles(root), names) };
    },
  },
  {
    name: 'containers',
    what: 'docker-compose.yml and the image fit services, ports, settings and the local stack',
    async run(root) {
      const [compose, ground] = [readCompose(root), await groundOf(root)];
      return { problems: [...composeProblems(compose, ground), ...dockerfileProblems(compose, ground)] };
    },
  },
  {
    name: 'repository',
    what: 'rules of the house and of the contract',
    run: async (root) => ({ problems: repositoryProblems(root) }),
  },
];

const BIOME_OPTIONS = ['--error-on-warnings', '--diagnostic-level=warn', '--colors=off', '--max-diagnostics=50', '.'];

/** Runs a tool of node_modules; what it prints are the problems where it fails. */
function command(root: string, tool: string, args: readonly string[]): Promise<StepResult> {
  const child = spawn(join(root, 'node_modules/.bin', tool), args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ problems: code === 0 ? [] : output.trimEnd().split('\n') }));
  });
}
