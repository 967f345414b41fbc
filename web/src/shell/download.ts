// A file from the API, saved: a plain link could not carry the person's token.
import { send } from "../api/client";

export async function download(path: string, name: string): Promise<void> {
  const answer = await send(new Request(path, { headers: { Accept: "text/csv" } }));
  const address = URL.createObjectURL(await answer.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
