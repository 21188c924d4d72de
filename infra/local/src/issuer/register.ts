import { DEVELOPMENT_PRINCIPALS } from './principals.ts';
import type { Issuer } from './server.ts';

const REGISTER = `mutation Register($input: RegisterIdentityInput!) {
  registerIdentity(input: $input) { identity { id } refusal { code message } }
}`;

interface Answer {
  readonly data?: {
    readonly registerIdentity?: { readonly refusal?: { code: string; message: string } | null } | null;
  };
  readonly errors?: readonly { readonly message: string }[];
}

/**
 * Registers the development principals through the gateway, each with its own token, as any client would; what is registered stays.
 * @throws Error where the system does not answer as it should
 */
export async function registerPrincipals(endpoint: string, sign: Issuer['sign']): Promise<void> {
  for (const { name, subject, kind, roles, displayName } of DEVELOPMENT_PRINCIPALS) {
    const token = await sign({ subject, kind, roles });
    const input = { idempotencyKey: `development:${name}`, displayName };
    const answer = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: REGISTER, variables: { input } }),
    });
    const { data, errors } = (await answer.json()) as Answer;
    const refusal = data?.registerIdentity?.refusal;
    const fault = errors?.[0]?.message ?? (refusal?.code === 'ALREADY_REGISTERED' ? undefined : refusal?.message);
    if (fault !== undefined) throw new Error(`${name} could not be registered: ${fault}`);
  }
}
