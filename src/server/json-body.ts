import type { FastifyInstance } from 'fastify';

const DEEPEST = 64;

/**
 * Takes JSON, and forms as text; refuses what is nested too deeply before it is parsed, and keys that would reach a prototype. Where other
 * systems send many alerts at once such a key is left out instead, so that one odd label holds up none of the others.
 */
export function takeJson(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  const strict = server.getDefaultJsonParser('error', 'error');
  const lenient = server.getDefaultJsonParser('remove', 'remove');
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    const body = String(text);
    if (body.trim() === '') done(null, undefined);
    else if (depthOf(body, DEEPEST) > DEEPEST) done(refusal(`The JSON is nested more than ${DEEPEST} deep.`));
    else (request.routeOptions.config.gate?.access === 'ingest alerts' ? lenient : strict)(request, body, done);
  });
  server.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, text, done) => done(null, text));
}

/** How deep a JSON text nests, counted up to just above `most`. */
function depthOf(text: string, most: number): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (quoted) {
      if (code === 0x5c) at++;
      else if (code === 0x22) quoted = false;
    } else if (code === 0x22) quoted = true;
    else if (code === 0x5b || code === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x5d || code === 0x7d) depth--;
    if (deepest > most) return deepest;
  }
  return deepest;
}

function refusal(message: string): Error {
  return Object.assign(new Error(message), { statusCode: 400 });
}
