// Server-sent events out of a stream of text, as the standard has it. Pure: knows no connection.

export interface ServerEvent {
  type: string;
  data: string;
}

export class EventParser {
  /** Where to resume: the last id that was dispatched. */
  lastId: string | null = null;
  /** Milliseconds to wait before coming back, if the server has said. */
  retry: number | null = null;
  private rest = "";
  private type = "";
  private data: string[] = [];

  /** The events that this piece completes. */
  push(text: string): ServerEvent[] {
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    const events: ServerEvent[] = [];
    for (const line of lines) {
      if (line !== "") this.field(line);
      else {
        if (this.data.length > 0) events.push({ type: this.type || "message", data: this.data.join("\n") });
        this.type = "";
        this.data = [];
      }
    }
    return events;
  }

  private field(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) return; // a comment
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.type = value;
    else if (name === "data") this.data.push(value);
    else if (name === "id" && !value.includes("\0")) this.lastId = value;
    else if (name === "retry" && /^\d+$/.test(value)) this.retry = Number(value);
  }
}
