import type { FastifyInstance } from 'fastify';

/** Inputs nest a few levels; what walks them (validation, writing them again) takes a stack frame per level. */
const MAX_DEPTH = 64;

/** Refuses bodies that nest too deep, before anything walks them; otherwise JSON is read as fastify reads it. */
export function boundNesting(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (!nestsDeeper(body, MAX_DEPTH)) return parse(request, body, done);
    const error = new Error(`the body nests deeper than ${MAX_DEPTH} levels`);
    done(Object.assign(error, { statusCode: 400, code: 'BODY_TOO_DEEP' }));
  });
}

const QUOTE = '"'.charCodeAt(0);
const BACKSLASH = '\\'.charCodeAt(0);
const OPEN: readonly number[] = ['{', '['].map((bracket) => bracket.charCodeAt(0));
const CLOSE: readonly number[] = ['}', ']'].map((bracket) => bracket.charCodeAt(0));

/** Whether a JSON text has more brackets open at once than this; of what is no JSON it may say either. */
export function nestsDeeper(json: string, limit: number): boolean {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (inText) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) inText = false;
    } else if (code === QUOTE) inText = true;
    else if (OPEN.includes(code)) {
      depth += 1;
      if (depth > limit) return true;
    } else if (CLOSE.includes(code)) depth -= 1;
  }
  return false;
}
