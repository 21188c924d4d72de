/** `npm run release:contract [-- --break <why>]`: makes the contract as it is now what every later one is held against. */
import { parseArgs } from 'node:util';
import { ContractError } from './generate/contract.ts';
import { BREAKS, moveBaseline } from './release/move.ts';

const USAGE = `usage: npm run release:contract [-- --break <why>]
  moves schema/released to the contract as it is now, and says what that adds
  --break   also where a promise is broken; the reason and what broke are kept in ${BREAKS}`;

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { break: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help || positionals.join() !== 'contract') {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  const day = new Date().toISOString().slice(0, 10);
  const { released, broken, told } = await moveBaseline(process.cwd(), day, values.break);
  for (const line of [...broken, ...told]) console.log(line);
  console.log(released ? 'released' : 'not released: keep what was promised, or say why not: --break "<why>"');
  return released ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ContractError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
