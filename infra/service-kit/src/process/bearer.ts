import { type Session, SessionError, type VerifySession } from './session.ts';

/**
 * The session of an `Authorization` header.
 * @throws SessionError with a reason that may be shown to the client
 */
export async function bearerSession(verify: VerifySession, authorization: string | undefined): Promise<Session> {
  if (authorization === undefined) throw new SessionError('a session is needed: Authorization: Bearer <token>');
  const [, token] = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization) ?? [];
  if (token === undefined) throw new SessionError('the Authorization header is not of the form: Bearer <token>');
  return verify(token);
}
