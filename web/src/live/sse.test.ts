import { expect, it } from "vitest";

import { EventParser } from "./sse";

const STREAM =
  'retry: 2000\nevent: ready\nid: a1\ndata: {}\n\n: ping\nid: a2\n\nevent: changed\nid: a3\ndata: {"x":1}\n\n';

it("finds the same events however the text is cut into pieces", () => {
  for (let size = 1; size <= STREAM.length; size++) {
    const parser = new EventParser();
    const events = [];
    for (let at = 0; at < STREAM.length; at += size) events.push(...parser.push(STREAM.slice(at, at + size)));
    expect(events).toEqual([
      { type: "ready", data: "{}" },
      { type: "changed", data: '{"x":1}' },
    ]);
    expect(parser.lastId).toBe("a3");
    expect(parser.retry).toBe(2000);
  }
});

it("takes the id of a ping, so that a resumed stream begins there", () => {
  const parser = new EventParser();
  expect(parser.push(": ping\nid: a2\n\n")).toEqual([]);
  expect(parser.lastId).toBe("a2");
});

it("joins several lines of data, and takes carriage returns", () => {
  expect(new EventParser().push("data: one\r\ndata:two\r\n\r\n")).toEqual([{ type: "message", data: "one\ntwo" }]);
});

it("keeps an unfinished event for later", () => {
  const parser = new EventParser();
  expect(parser.push("data: half")).toEqual([]);
  expect(parser.push("\n\n")).toEqual([{ type: "message", data: "half" }]);
});
