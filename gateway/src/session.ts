import { bearerSession, SessionError, type VerifySession } from '@qtm/service-kit/process';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { unauthenticated } from './errors.ts';

/** The one question that needs no session: is somebody there? */
const ANYBODY_THERE = /^\s*(?:query\s*\w*\s*)?\{\s*__typename\s*\}\s*$/;

/**
 * Lets a request pass only with a verified session, before anything is parsed. The subgraphs verify it again: nothing rests on this
 * check, it spares them the work.
 */
export function authenticate(verify: VerifySession) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const { authorization } = request.headers;
    if (authorization === undefined && ANYBODY_THERE.test(queryOf(request))) return undefined;
    try {
      await bearerSession(verify, authorization);
      return undefined;
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      return refuse(request, reply, `Not accepted: ${error.reason}.`);
    }
  };
}

function queryOf({ body, query }: FastifyRequest): string {
  const source = (body ?? query) as { query?: unknown } | null;
  return typeof source?.query === 'string' ? source.query : '';
}

/** A client that asks for `application/graphql-response+json` gets the status of HTTP, any other 200, as GraphQL over HTTP says. */
function refuse(request: FastifyRequest, reply: FastifyReply, reason: string): FastifyReply {
  const modern = wantsHttpStatus(request.headers.accept);
  return reply
    .code(modern ? 401 : 200)
    .header('www-authenticate', 'Bearer')
    .type(modern ? 'application/graphql-response+json; charset=utf-8' : 'application/json; charset=utf-8')
    .send(JSON.stringify({ errors: [unauthenticated(reason)] }));
}

export function wantsHttpStatus(accept: string | null | undefined): boolean {
  return accept?.includes('application/graphql-response+json') ?? false;
}
