import { GraphQLError } from 'graphql';
import { SESSION_FRESH, type StepUp } from '../authority/step-up.ts';

/** What the matrix or the session decides is a GraphQL error; what the domain decides is a refusal value. */
export function unauthenticated(reason: string): GraphQLError {
  return new GraphQLError('a valid session is needed', { extensions: { code: 'UNAUTHENTICATED', reason } });
}

export function forbidden(transition: string, clause: string): GraphQLError {
  return new GraphQLError('you may not do this', {
    extensions: {
      code: 'FORBIDDEN',
      transition,
      clause,
      reason: `the clause '${clause}' of ${transition} does not hold`,
    },
  });
}

/** A challenge (RFC 9470): who may do this proves again who they are, in a way that this accepts. Nothing was kept. */
export function insufficientUserAuthentication(transition: string, { acrValues, maxAgeS }: StepUp): GraphQLError {
  return new GraphQLError('prove again who you are, then repeat with the same idempotency key', {
    extensions: {
      code: 'INSUFFICIENT_USER_AUTHENTICATION',
      transition,
      clause: SESSION_FRESH,
      reason: `${transition} takes a session that was proved again a moment ago`,
      acrValues,
      maxAge: maxAgeS,
    },
  });
}

/** The answer of the database to the COMMIT was lost. */
export function outcomeUnknown(): GraphQLError {
  return new GraphQLError('it is not known whether this took effect; repeat it with the same idempotency key', {
    extensions: { code: 'OUTCOME_UNKNOWN' },
  });
}

/** A limit was reached before anything was done. */
export function busy(): GraphQLError {
  return new GraphQLError('the service is busy; repeat with the same idempotency key', {
    extensions: { code: 'SERVICE_BUSY' },
  });
}

/** The database does not answer, or cannot do what it is asked: nothing was changed. */
export function unavailable(): GraphQLError {
  return new GraphQLError('the database of the service does not answer; repeat with the same idempotency key', {
    extensions: { code: 'SERVICE_UNAVAILABLE' },
  });
}

export function badUserInput(message: string, extensions: object = {}): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', ...extensions } });
}
