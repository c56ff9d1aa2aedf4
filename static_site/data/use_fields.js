/** The fields of customers for components. They are loaded once for each language. */

import { getFields } from "../api.js";
import { language } from "../texts.js";
import { setFields } from "./fields.js";
import { useResource } from "./resource.js";

/**
 * The fields of customers as a resource. The lists of `data/fields.js` have them as soon as they are loaded.
 *
 * @returns {import("./resource.js").Resource<Api.Field[]>}
 */
export function useFields() {
  return useResource(`/api/fields?${language()}`, async (signal) => {
    const { items } = await getFields(signal);
    setFields(items);
    return items;
  });
}
