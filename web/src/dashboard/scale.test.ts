import { expect, it } from "vitest";

import { ticksUpTo } from "./scale";

it.each([1, 7, 99, 1_234, 820_00, 5_000_000])("reaches over %d in few round steps", (most) => {
  const ticks = ticksUpTo(most);
  expect(ticks[0]).toBe(0);
  expect(ticks.at(-1)).toBeGreaterThanOrEqual(most);
  expect(ticks.length).toBeLessThanOrEqual(6);
});
