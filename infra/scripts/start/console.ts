import { DEVELOPMENT_PRINCIPALS, type LocalStack, type System } from '@qtm/local';

/** What a person needs to begin: where, as whom, and what to try first. */
export async function welcome(system: System, stack: LocalStack, topics: readonly string[]): Promise<string> {
  const tokens = await Promise.all(
    DEVELOPMENT_PRINCIPALS.map(async ({ name, subject, kind, roles, may }) => {
      return `  ${name.padEnd(16)} ${may}\n    ${await stack.issuer.sign({ subject, kind, roles })}`;
    }),
  );
  return `
tokens, good for 15 minutes (a new one: npm run -s token -- --as requester)
${tokens.join('\n')}

topics at ${stack.kafka.brokers}
${topics.map((topic) => `  ${topic}`).join('\n')}

logs in ${system.gateway.logFile.replace(/[^/]*$/, '')}

GraphQL at ${system.endpoint}
  try:  curl ${system.endpoint} -H 'content-type: application/json' \\
          -H "authorization: Bearer $(npm run -s token -- --as requester)" -d '{"query":"{ me { id roles } }"}'

Ctrl-C ends everything; the data stays.
`;
}
