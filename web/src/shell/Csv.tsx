import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";

import { asProblem } from "../api/problem";
import { download } from "./download";

/** Saves what `path` answers as CSV. */
export function Csv({ path, name }: { path: string; name: string }) {
  const saving = useMutation({ mutationFn: () => download(path, name) });
  return (
    <span>
      <Button size="compact-sm" variant="default" loading={saving.isPending} onClick={() => saving.mutate()}>
        CSV
      </Button>
      {saving.isError && <span role="alert"> {asProblem(saving.error).detail}</span>}
    </span>
  );
}
