// The people that a development stack offers to sign in as; there are none in production, where the file is not there.

export interface DemoPerson {
  name: string;
  token: string;
}

export async function fetchPeople(): Promise<DemoPerson[]> {
  const answer = await fetch("/dev/people.json", { cache: "no-store" });
  if (!answer.ok || !(answer.headers.get("Content-Type") ?? "").includes("json")) return [];
  const found: unknown = await answer.json();
  return Array.isArray(found) ? found.filter(isPerson) : [];
}

function isPerson(each: unknown): each is DemoPerson {
  const { name, token } = (each ?? {}) as Partial<DemoPerson>;
  return typeof name === "string" && typeof token === "string";
}
