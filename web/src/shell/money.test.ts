import { expect, it } from "vitest";

import { readMoney, showMoney, typeMoney } from "./money";

it("reads what people type, exactly", () => {
  expect(readMoney("12.5", "EUR")).toBe(1250);
  expect(readMoney(" 1,200.00 ", "EUR")).toBe(120000);
  expect(readMoney("0.29", "EUR")).toBe(29);
  expect(readMoney("90071992547409.91", "EUR")).toBe(Number.MAX_SAFE_INTEGER);
  expect(readMoney("500", "JPY")).toBe(500);
});

it.each(["", "0", "-1", "1.234", "1e3", "abc", "90071992547409.92", "1.2.3", "٣"])("refuses %j", (typed) => {
  expect(readMoney(typed, "EUR")).toBeNull();
});

it("types what it reads", () => {
  for (const amount of [1, 29, 100, 123456]) expect(readMoney(typeMoney(amount, "EUR"), "EUR")).toBe(amount);
  expect(typeMoney(5, "EUR")).toBe("0.05");
  expect(typeMoney(5, "JPY")).toBe("5");
});

it("shows money with its currency", () => {
  expect(showMoney(123450, "EUR")).toBe("€1,234.50");
  expect(showMoney(-500, "JPY")).toBe("-¥500");
});
