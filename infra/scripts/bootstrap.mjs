// The first script of every command in package.json: plain JavaScript without dependencies, for whatever Node (>= 20) the machine
// has. It installs what is missing and hands over to `infra/scripts/<command>.ts`, or `test/<command>/main.ts`, under the pinned Node of package.json.
// Everything it says goes to stderr, so that a command's stdout is the command's alone (`TOKEN=$(npm run -s token -- --as auditor)`).
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const modules = path.join(root, 'node_modules');
const pinnedNode = path.join(modules, '.bin', 'node');
const stampFile = path.join(modules, '.qtm-installed');
const installLog = path.join(root, '.local', 'logs', 'install.log');
/** Read before anything is installed, which may take longer than the parent lives. */
const parent = process.ppid;
const PARENT_CHECK_MS = 500;

const COMMANDS = {
  start: 'everything on this machine: PostgreSQL, Kafka, token issuer, services, gateway',
  test: 'check, then every test',
  'test:unit': 'rules and pure code, no I/O',
  'test:int': 'against real PostgreSQL and Kafka',
  'test:e2e': 'through the gateway',
  check: 'types, lint, format, boundaries, generated files, composition',
  generate: 'write what is generated from schema/',
  format: 'format the sources',
  'new:service': 'a service that starts, composes, publishes and passes its own tests: -- <name>',
  'release:contract': 'make the contract what later ones are held against',
  replay: 'real service requests through the running system: -- <csv>',
  register: 'the Governed Register as files, and back: -- export|import <dir>',
  chaos: 'faults of every kind under load, and what is left of it: -- --minutes <n>',
  bench: 'what it does under load: -- <scenario>',
  hostile: 'hostile input by everybody at every door, and what must hold: -- --minutes <n> --seed <s>',
  mutation: 'changes the rules place by place, and counts what no test notices',
  upgrade: 'from the release before to this one and back, under load',
  'conformance:faults': 'switches off one guard at a time, and sees whether a test notices',
  token: 'a token of the running issuer: -- --as <role>',
  migrate: 'bring one database up to date: -- <service>',
  parked: 'events that wait for a human: -- <service>',
  epoch: 'what a database restored from a backup needs: -- <service>',
};

class Complaint extends Error {}

function say(line) {
  process.stderr.write(`${line}\n`);
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Whether what npm last put into node_modules is what package-lock.json asks for; optional packages may be missing. */
function modulesMatchLock() {
  const wanted = readJson(path.join(root, 'package-lock.json'))?.packages;
  const installed = readJson(path.join(modules, '.package-lock.json'))?.packages;
  if (!wanted) throw new Complaint('package-lock.json is missing or broken');
  if (!installed) return false;
  return Object.entries(wanted).every(([where, want]) => {
    if (!where.startsWith('node_modules/') || want.link) return true;
    const has = installed[where];
    if (!has) return want.optional === true || want.devOptional === true;
    return has.version === want.version && (!has.integrity || !want.integrity || has.integrity === want.integrity);
  });
}

/** Changes whenever npm has touched node_modules or a patch has changed. */
function stamp() {
  const hash = createHash('sha256');
  const { mtimeMs, size } = fs.statSync(path.join(modules, '.package-lock.json'));
  hash.update(`${mtimeMs} ${size}`).update(fs.readFileSync(path.join(root, 'package-lock.json')));
  const patches = path.join(root, 'patches');
  for (const name of fs.readdirSync(patches).sort())
    hash.update(name).update(fs.readFileSync(path.join(patches, name)));
  return hash.digest('hex');
}

function installedAndPatched() {
  try {
    return fs.readFileSync(stampFile, 'utf8') === stamp() && fs.existsSync(pinnedNode);
  } catch {
    return false;
  }
}

/**
 * A Node that outlives an installation: npm puts the pinned one first in the path, and `npm ci` removes that with everything else.
 */
function machineNode() {
  const candidates = [process.env.npm_node_execpath, process.execPath];
  return candidates.find((file) => file && !file.startsWith(modules)) ?? 'node';
}

/** npm as the one that started us, so that its version and settings stay the same. */
function npmCommand() {
  const own = process.env.npm_execpath;
  return own && path.basename(own) === 'npm-cli.js' ? [machineNode(), [own]] : ['npm', []];
}

function explainInstall(output) {
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/i.test(output)) {
    return 'the npm registry cannot be reached (network, proxy, or registry setting of npm)';
  }
  if (/EACCES|EPERM|EROFS/.test(output)) return `no permission to write in ${modules}`;
  if (/ENOSPC/.test(output)) return 'the disk is full';
  return 'npm ci failed';
}

function run(what, command, args, options = {}) {
  const done = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28, ...options });
  if (done.error?.code === 'ENOENT') throw new Complaint(`${what}: ${command} was not found on this machine`);
  const output = `${done.stdout ?? ''}${done.stderr ?? ''}${done.error ? `\n${done.error.message}` : ''}`;
  if (done.signal === 'SIGINT' || done.signal === 'SIGTERM') throw new Complaint(`${what}: interrupted`);
  return { ok: done.status === 0, output };
}

function keepLog(output) {
  fs.mkdirSync(path.dirname(installLog), { recursive: true });
  fs.writeFileSync(installLog, output);
}

function fail(what, output) {
  keepLog(output);
  const tail = output.split('\n').filter((line) => /\S/.test(line) && !/EBADENGINE/.test(line));
  throw new Complaint(`${what}\n${tail.slice(-8).join('\n')}\nthe whole log: ${path.relative(root, installLog)}`);
}

/** Install scripts stay off, whatever npm's policy is: the one that matters (the pinned Node's) is run below, by name. */
function installModules() {
  const [npm, prefix] = npmCommand();
  say('installing dependencies (npm ci), the first time takes half a minute …');
  const startedMs = Date.now();
  const args = [...prefix, 'ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  const { ok, output } = run('npm ci', npm, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  if (!ok) fail(explainInstall(output), output);
  keepLog(output);
  say(`installed in ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
}

/** The npm package `node` fetches the binary of this platform in its install script. */
function installNode() {
  const wanted = `v${readJson(path.join(root, 'package.json')).dependencies.node}`;
  const version = () => run('node', pinnedNode, ['--version']).output.trim();
  if (fs.existsSync(pinnedNode) && version() === wanted) return;
  const folder = path.join(modules, 'node');
  const { output } = run('node', machineNode(), ['installArchSpecificPackage.js'], { cwd: folder });
  fs.mkdirSync(path.dirname(pinnedNode), { recursive: true });
  if (!fs.existsSync(pinnedNode) && fs.existsSync(path.join(folder, 'bin', 'node'))) {
    fs.rmSync(pinnedNode, { force: true });
    fs.symlinkSync('../node/bin/node', pinnedNode);
  }
  if (!fs.existsSync(pinnedNode))
    fail(`Node ${wanted} for ${process.platform}-${process.arch} could not be installed`, output);
  if (version() !== wanted) fail(`${path.relative(root, pinnedNode)} is not Node ${wanted}`, output);
}

function applyPatches() {
  const { ok, output } = run('patches', process.execPath, [
    path.join(modules, 'patch-package', 'index.js'),
    '--error-on-fail',
  ]);
  if (!ok) fail('a patch in patches/ does not fit what is installed', output);
}

function processIsAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** The process that holds the lock, or undefined where nobody does any more; a lock without a number is just being written. */
function lockOwner(file) {
  try {
    const owner = Number(fs.readFileSync(file, 'utf8'));
    const fresh = Date.now() - fs.statSync(file).mtimeMs < 5000;
    return (owner ? processIsAlive(owner) : fresh) ? owner || 'unknown' : undefined;
  } catch {
    return undefined;
  }
}

/** Two commands started side by side on a fresh clone must not both run `npm ci`. */
async function withInstallLock(work) {
  const file = path.join(root, '.local', 'install.lock');
  fs.mkdirSync(path.dirname(file), { recursive: true });
  for (let told = false; ; ) {
    try {
      fs.writeFileSync(file, `${process.pid}`, { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const owner = lockOwner(file);
      if (!owner) fs.rmSync(file, { force: true });
      else if (!told) say(`waiting for process ${owner}, which is installing …`);
      told = true;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
  try {
    work();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

async function installWhatIsMissing() {
  if (installedAndPatched()) return;
  await withInstallLock(() => {
    if (installedAndPatched()) return;
    if (!modulesMatchLock()) installModules();
    installNode();
    applyPatches();
    fs.writeFileSync(stampFile, stamp());
  });
}

function help() {
  const script = (command) => (command === 'start' || command === 'test' ? `npm ${command}` : `npm run ${command}`);
  say('QTM OS. Commands (add `-- --help` for their arguments):\n');
  for (const [command, text] of Object.entries(COMMANDS)) say(`  ${script(command).padEnd(18)} ${text}`);
}

/** Runs the command's script; its exit code, or the signal that ended it, becomes ours. */
function handOver(script, args) {
  const child = spawn(pinnedNode, [script, ...args], { stdio: 'inherit' });
  // From a terminal the whole process group gets the signal; a supervisor tells only us. The child counts the two as one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // npm tells a signal to its shell alone, which ends by it and tells nobody: then we have another parent.
  const orphaned = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(orphaned);
    child.kill('SIGTERM');
  }, PARENT_CHECK_MS).unref();
  child.on('error', (error) => {
    say(`qtm: ${pinnedNode}: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (!signal) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

async function main([command, ...args]) {
  if (!command || command === '--help' || command === '-h' || command === 'help') return help();
  const [name, ...parts] = command.split(':');
  const places = [path.join(root, 'infra', 'scripts', `${name}.ts`), path.join(root, 'test', name, 'main.ts')];
  const script = /^[a-z-]+$/.test(name) ? places.find((file) => fs.existsSync(file)) : undefined;
  if (script === undefined) {
    help();
    throw new Complaint(`\nunknown command: ${command}`);
  }
  if (Number(process.versions.node.split('.')[0]) < 20) {
    throw new Complaint(
      `Node ${process.versions.node} is too old: 20 or newer is needed to start, the rest is installed`,
    );
  }
  await installWhatIsMissing();
  handOver(script, [...parts, ...args]);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const denied = ['EACCES', 'EPERM', 'EROFS'].includes(error.code);
  if (denied) say(`qtm: no permission to write ${error.path ?? root}`);
  else if (error instanceof Complaint) say(`qtm: ${error.message}`);
  else throw error;
  process.exitCode = 1;
}
