// Which posts are shown, as the address says it: a link to a filtered feed is a link. The API answers one filter at a
// time, so there is one at a time.

export interface Filter {
  show?: "comments" | "author" | "likes";
  author?: string;
  likes?: number;
}

export function readFilter(search: Record<string, unknown>): Filter {
  const { show, author } = search; // a name of digits only is a number in an address
  switch (show) {
    case "comments":
      return { show: "comments" };
    case "author":
      return {
        show: "author",
        author: typeof author === "string" || typeof author === "number" ? `${author}`.slice(0, 100) : "",
      };
    case "likes": {
      const likes = Math.trunc(Number(search["likes"]));
      return { show: "likes", likes: Number.isSafeInteger(likes) && likes > 0 ? likes : 1 };
    }
    default:
      return {};
  }
}
