import { describe, expect, it } from "vitest";

import { Problem, type ProblemData } from "../api/problem";
import { Engine, type World } from "./engine";
import { type Intent, newIntent, type NewIntent } from "./intent";
import { Journal, type Keep } from "./journal";

class Storage implements Keep {
  kept = new Map<string, string>();
  getItem = (key: string) => this.kept.get(key) ?? null;
  setItem = (key: string, value: string) => void this.kept.set(key, value);
}

const WANTED: NewIntent = {
  kind: "post.edit",
  label: "Your edit",
  stream: "post-1",
  method: "PUT",
  path: "/posts/1",
  body: { message: "mine" },
  check: "/posts/1",
  shows: [["posts"]],
  seen: { field: "message", value: "old", version: 3 },
};

function refusal(status: number, more: Partial<ProblemData> = {}): Problem {
  return new Problem({ status, type: "x", detail: "", retryAfter: null, fields: {}, ...more });
}

/** A world whose answers are given in order; what was asked is kept. */
class Scripted implements World {
  log: string[] = [];
  states: string[] = [];
  who: string | null = "ann";
  journal!: Journal;
  sends: (string | Error)[] = [];
  reads: (Record<string, unknown> | Error)[] = [];
  send = (intent: Intent): Promise<string> => {
    this.log.push(`send ${intent.id} ${intent.seen?.version ?? "-"}`);
    return answer(this.sends.shift() ?? "post-1@9");
  };
  read = (_: Intent, token: string): Promise<Record<string, unknown>> => {
    this.log.push(`read ${token}`);
    return answer(this.reads.shift() ?? {});
  };
  refresh = (): Promise<void> => {
    this.log.push("refresh");
    return Promise.resolve();
  };
  pause = (seconds: number): Promise<void> => {
    this.log.push(`pause ${seconds}`);
    return Promise.resolve();
  };
  subject = () => this.who;
}

function answer<T>(given: T | Error): Promise<T> {
  return given instanceof Error ? Promise.reject(given) : Promise.resolve(given);
}

function make(keep = new Storage()) {
  const world = new Scripted();
  const journal = new Journal(keep);
  world.journal = journal;
  const engine = new Engine(journal, world);
  journal.subscribe(() => {
    const state = journal.all().at(-1)?.state;
    if (state !== undefined && state !== world.states.at(-1)) world.states.push(state);
  });
  return { world, journal, engine, keep };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
const intent = (id = "k1", wanted = WANTED) => newIntent(wanted, "ann", id, 0);

describe("a write", () => {
  it("goes from sending over stored to visible, and waits for its own token in between", async () => {
    const { world, journal, engine } = make();
    engine.submit(intent());
    await settled();
    expect(world.states).toEqual(["sending", "stored", "visible"]);
    expect(world.log).toEqual(["send k1 3", "read post-1@9", "refresh", "pause 4"]);
    expect(journal.all()).toEqual([]);
  });

  it("is sent again with the same key until there is an answer", async () => {
    const { world, engine } = make();
    world.sends = [
      new TypeError("Failed to fetch"),
      refusal(503, { retryAfter: 7 }),
      refusal(409, { type: "contended", retryAfter: 1 }),
      "post-1@4",
    ];
    engine.submit(intent());
    await settled();
    expect(world.log.slice(0, 7)).toEqual([
      "send k1 3", "pause 0.5", "send k1 3", "pause 7", "send k1 3", "pause 1", "send k1 3",
    ]); // prettier-ignore
    expect(world.states.at(-1)).toBe("visible");
  });

  it("stays stored until its token can be read", async () => {
    const { world, engine } = make();
    world.reads = [refusal(503, { type: "projection-behind", retryAfter: 1 }), refusal(503), {}];
    engine.submit(intent());
    await settled();
    expect(world.log.filter((each) => each.startsWith("read"))).toHaveLength(3);
    expect(world.log.indexOf("refresh")).toBeGreaterThan(world.log.lastIndexOf("read post-1@9"));
  });

  it("that a rule refuses is refused with the reason, and not sent again", async () => {
    const { world, journal, engine } = make();
    world.sends = [refusal(409, { type: "already-exists" })];
    engine.submit(intent());
    await settled();
    expect(world.log).toEqual(["send k1 3"]);
    expect(journal.find("k1")).toMatchObject({ state: "refused", problem: { type: "already-exists" } });
  });

  it("waits where the person was signed out, and goes on when they are back", async () => {
    const { world, engine, journal } = make();
    world.sends = [refusal(401)];
    engine.submit(intent());
    await settled();
    expect(journal.find("k1")?.state).toBe("sending");
    world.who = "bob";
    engine.resume();
    await settled();
    expect(world.log).toEqual(["send k1 3"]);
    world.who = "ann";
    engine.resume();
    await settled();
    expect(world.states.at(-1)).toBe("visible");
  });
});

describe("a version that has moved on", () => {
  const conflict = refusal(412, { type: "precondition-failed", fields: { version: 5 } });

  it("is no conflict where what was seen still stands: it is sent upon the newer version", async () => {
    const { world, engine } = make();
    world.sends = [conflict, "post-1@6"];
    world.reads = [{ message: "old" }];
    engine.submit(intent());
    await settled();
    expect(world.log.slice(0, 3)).toEqual(["send k1 3", "read post-1@5", "send k1 5"]);
    expect(world.states).not.toContain("conflict");
  });

  it("is a conflict where somebody changed what was seen: theirs is shown, nothing is sent", async () => {
    const { world, engine, journal } = make();
    world.sends = [conflict];
    world.reads = [{ message: "theirs" }];
    engine.submit(intent());
    await settled();
    expect(world.log).toEqual(["send k1 3", "read post-1@5"]);
    expect(journal.find("k1")).toMatchObject({ state: "conflict", theirs: { value: "theirs", version: 5 } });
  });
});

describe("several writes", () => {
  it("of one stream are sent in their order, each after the one before was answered", async () => {
    const { world, engine } = make();
    world.sends = [refusal(503), "post-1@4", "post-1@5"];
    engine.submit(intent("k1"));
    engine.submit(intent("k2"));
    await settled();
    expect(world.log.filter((each) => each.startsWith("send"))).toEqual(["send k1 3", "send k1 3", "send k2 3"]);
  });

  it("of different streams do not wait for one another", async () => {
    const { world, engine } = make();
    let release: (token: string) => void = () => undefined;
    const first = new Promise<string>((resolve) => (release = resolve));
    world.send = (each) => {
      world.log.push(`send ${each.id}`);
      return each.id === "k1" ? first : Promise.resolve("post-2@1");
    };
    engine.submit(intent("k1"));
    engine.submit(intent("k2", { ...WANTED, stream: "post-2" }));
    await settled();
    expect(world.log.slice(0, 2)).toEqual(["send k1", "send k2"]);
    release("post-1@4");
  });
});

describe("a reload", () => {
  it("in mid-write goes on with the same key", async () => {
    const keep = new Storage();
    const before = make(keep);
    before.world.send = () => new Promise(() => undefined);
    before.engine.submit(intent());
    await settled();
    const after = make(keep);
    after.engine.resume();
    await settled();
    expect(after.world.log[0]).toBe("send k1 3");
    expect(after.world.states.at(-1)).toBe("visible");
  });

  it("after the answer does not send again, and still waits until it is visible", async () => {
    const keep = new Storage();
    const before = make(keep);
    before.world.read = () => new Promise(() => undefined);
    before.engine.submit(intent());
    await settled();
    const after = make(keep);
    after.engine.resume();
    await settled();
    expect(after.world.log[0]).toBe("read post-1@9");
  });
});
