import { join } from 'node:path';
import { type System, type SystemOptions, startSystem } from '@qtm/local';
import { uniqueName } from './names.ts';
import { type SharedStack, sharedStack } from './stack.ts';
import { Visitor, type VisitorOptions } from './visitor.ts';

/** A whole system of its own on the shared stack: every service and the gateway as processes, own databases, own topics. */
export interface TestSystem extends System {
  readonly stack: SharedStack;
  /** Somebody who speaks to the gateway; nobody knows them yet. */
  visitor(options: VisitorOptions): Visitor;
  /** The same person in a new conversation, which has seen only what it is told. */
  again(visitor: Visitor, options?: VisitorOptions): Visitor;
}

export async function startTestSystem(options: Partial<SystemOptions> = {}): Promise<TestSystem> {
  const stack = sharedStack();
  const instance = uniqueName('t');
  const system = await startSystem({
    stack,
    dataDir: join(stack.dataDir, instance),
    instance,
    log: () => undefined,
    ...options,
    env: { QTM_LOG_LEVEL: 'warn', ...options.env },
  });
  const visitor = (claims: VisitorOptions) => new Visitor(system.endpoint, stack.issuer.sign, claims);
  return {
    ...system,
    stack,
    visitor,
    again: (known, claims) => visitor({ ...known.options, ...claims, subject: known.subject }),
  };
}
