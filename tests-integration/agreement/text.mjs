// What a mirror in TypeScript shows, as text for a test in another language.

/** Write a value as JSON. What is no bigint is a float, where it is too large for the two to be one. */
export function text(value) {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(text).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(
      ([key, item]) => `${JSON.stringify(key)}:${text(item)}`,
    );
    return `{${members.join(",")}}`;
  }
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return value.toExponential();
  return Object.is(value, -0) ? "-0.0" : JSON.stringify(value);
}
