// A list that was read page by page: waiting, wrong, empty, or the rows, and the way to more.
import { Button } from "@mantine/core";
import type { ReactNode } from "react";

import { Empty, Waiting, Wrong } from "../shell/Panels";

interface Reading {
  isPending: boolean;
  isError: boolean;
  isSuccess: boolean;
  error: unknown;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  refetch: () => unknown;
  fetchNextPage: () => unknown;
}

interface Props {
  reading: Reading;
  count: number;
  empty: string;
  children: ReactNode;
}

export function Listed({ reading, count, empty, children }: Props) {
  return (
    <>
      {reading.isPending && <Waiting rows={4} height={44} />}
      {reading.isError && <Wrong error={reading.error} again={() => void reading.refetch()} />}
      {reading.isSuccess && count === 0 && <Empty title={empty} />}
      {count > 0 && children}
      {reading.hasNextPage && (
        <Button
          variant="default"
          loading={reading.isFetchingNextPage}
          onClick={() => void reading.fetchNextPage()}
          mx="auto"
        >
          Show more
        </Button>
      )}
    </>
  );
}
