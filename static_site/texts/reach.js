/** How many of the customers that a rule matches would get a message. */

/** @param {Pick<Api.Preview, "count" | "excluded">} preview */
export const reachOf = ({ count, excluded }) => Object.values(excluded).reduce((left, one) => left - one, count);
