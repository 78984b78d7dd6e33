/** Reading a stream of events: text as it comes, cut anywhere, into the data of events. */

/**
 * Begin to read.
 *
 * @param onEvent told of the data and the id of each event that has data. An event without an id has
 *   that of the one before it.
 * @returns a function that takes what comes next.
 */
export function createReader(onEvent: (data: string, id: string) => void): (text: string) => void {
  // What came of the line that has not ended.
  let pieces: string[] = [];
  let endedInReturn = false;
  let data: string[] = [];
  let id = "";

  const take = (line: string) => {
    if (line === "") {
      if (data.length > 0) onEvent(data.join("\n"), id);
      data = [];
      return;
    }
    const [, name, value = ""] = /^([^:]*)(?:: ?(.*))?$/su.exec(line) ?? [];
    if (name === "data") data.push(value);
    if (name === "id") id = value;
  };

  return (text) => {
    // A line's end may have been cut in two.
    const lines = text.slice(endedInReturn && text.startsWith("\n") ? 1 : 0).split(/\r\n|\r|\n/);
    endedInReturn = text === "" ? endedInReturn : text.endsWith("\r");
    const unfinished = lines.pop() ?? "";
    for (const line of lines) {
      pieces.push(line);
      take(pieces.join(""));
      pieces = [];
    }
    if (unfinished) pieces.push(unfinished);
  };
}
