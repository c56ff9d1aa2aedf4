/** Changes of many customers, part by part, as the server takes them. */

const MAX_IDS = 500;

/**
 * Sends a change until all parts are done. Returns what became of the customers.
 *
 * @template {Api.BulkChoice} Body
 * @param {(body: Body) => Promise<Api.BulkAnswer>} send
 * @param {Body} body
 * @param {(done: number, total: number) => void} onProgress
 */
export async function runInParts(send, body, onProgress) {
  const result = { changed: /** @type {string[]} */ ([]), unchanged: 0, missing: 0, rejected: 0 };
  let [done, total] = [0, body.ids?.length ?? 0];
  for (const part of partsOf(body)) {
    /** @type {string | null | undefined} */
    let after;
    do {
      const answer = await send(after ? { ...part, after } : part);
      result.changed.push(...answer.changed);
      result.unchanged += answer.unchanged;
      result.missing += answer.missing;
      result.rejected += answer.rejected;
      done += answer.changed.length + answer.unchanged + answer.missing + answer.rejected;
      total ||= answer.total;
      after = answer.next;
      onProgress(done, total);
    } while (after);
  }
  return result;
}

/**
 * The requests for ids; one request if the customers are chosen in another way.
 *
 * @template {Api.BulkChoice} Body
 * @param {Body} body
 * @returns {Body[]}
 */
function partsOf(body) {
  const { ids } = body;
  if (!ids) return [body];
  const parts = Math.ceil(ids.length / MAX_IDS);
  return Array.from({ length: parts }, (_, part) => ({
    ...body,
    ids: ids.slice(part * MAX_IDS, (part + 1) * MAX_IDS),
  }));
}
