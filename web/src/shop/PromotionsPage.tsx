// Promotions: starting one, and ending it early.
import { useInfiniteQuery } from "@tanstack/react-query";

import { Confirm } from "../shell/Confirm";
import { type Field, Form } from "../shell/Form";
import { Moment } from "../shell/Moment";
import { session } from "../shell/session";
import { Table } from "../shell/Table";
import { Chip } from "../writes/Chip";
import { useIntents } from "../writes/writes";
import { draftPromotion } from "./drafts";
import { endPromotion, startPromotion } from "./intents";
import { Listed } from "./Listed";
import { drawOne, withNew } from "./overlay";
import { promotions } from "./reads";
import { Fold, ShopPage } from "./ShopNav";

const FIELDS: Field[] = [
  { name: "name", label: "Name" },
  { name: "from", label: "From", kind: "datetime" },
  { name: "until", label: "Until", kind: "datetime" },
];

export function PromotionsPage() {
  const read = useInfiniteQuery(promotions);
  const intents = useIntents();
  const may = session.can("shop:write");
  const rows = read.data?.pages.flatMap((page) => page.promotions) ?? [];
  const drawn = withNew(rows, read.isSuccess ? intents : [], "promotion.new", "promotionId", draftPromotion).map(
    (each) => drawOne(each, `promotion-${each.promotionId}`, intents),
  );
  return (
    <ShopPage title="Promotions">
      {may && (
        <Fold title="Start a promotion">
          <Form
            label="Start a promotion"
            action="Start it"
            fields={FIELDS}
            onSubmit={(values) => void startPromotion(values)}
          />
        </Fold>
      )}
      <Listed reading={read} count={drawn.length} empty="No promotions yet">
        <Table
          label="Promotions"
          rows={drawn}
          keyOf={({ it }) => it.promotionId}
          columns={[
            { name: "Name", cell: ({ it }) => it.name },
            { name: "From", cell: ({ it }) => <Moment at={it.from} /> },
            { name: "Until", cell: ({ it }) => <Moment at={it.until} /> },
            {
              name: "State",
              cell: ({ it, intent }) => (
                <>
                  {it.ended ? "Ended " : ""}
                  {may && !it.ended && it.version > 0 && (
                    <Confirm action="End" question="End it now?" onConfirm={() => void endPromotion(it)} />
                  )}
                  <Chip intent={intent} />
                </>
              ),
            },
          ]}
        />
      </Listed>
    </ShopPage>
  );
}
