/** GraphQL's own words where it stops counting; it gives that error no code, so that it looks like a fault of ours. */
const TOO_MANY = 'Too many errors processing variables';

/** Whether an error says that one operation's variables have more faults than are told. */
export function saysTooManyFaults({ message }: { readonly message: string }): boolean {
  return message.startsWith(TOO_MANY);
}
