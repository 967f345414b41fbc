// What the shop sells: listing, renaming, repricing.
import { useInfiniteQuery } from "@tanstack/react-query";

import { type Field, Form } from "../shell/Form";
import { readMoney, showMoney, typeMoney } from "../shell/money";
import { session } from "../shell/session";
import { Table } from "../shell/Table";
import { Chip } from "../writes/Chip";
import { useIntents } from "../writes/writes";
import { draftProduct } from "./drafts";
import { Editable, readText } from "./Editable";
import { listProduct, rename, reprice } from "./intents";
import { Listed } from "./Listed";
import { drawOne, intentOf, withNew } from "./overlay";
import { products } from "./reads";
import { Fold, ShopPage } from "./ShopNav";

const CURRENCIES = ["EUR", "USD", "GBP"].map((value) => ({ value, label: value }));
const FIELDS: Field[] = [
  { name: "sku", label: "Sku" },
  { name: "name", label: "Name" },
  { name: "category", label: "Category" },
  { name: "price", label: "Price", kind: "money" },
  { name: "currency", label: "Currency", kind: "choice", choices: CURRENCIES },
];

export function ProductsPage() {
  const read = useInfiniteQuery(products);
  const intents = useIntents();
  const may = session.can("shop:write");
  const rows = read.data?.pages.flatMap((page) => page.products) ?? [];
  const drawn = withNew(rows, read.isSuccess ? intents : [], "product.new", "sku", draftProduct).map((each) => {
    const one = drawOne(each, `product-${each.productId}`, intents);
    return { ...one, intent: one.intent ?? intentOf(intents, "sku", each.sku) };
  });
  return (
    <ShopPage title="Products">
      {may && (
        <Fold title="List a product">
          <Form
            label="List a product"
            action="List it"
            fields={FIELDS}
            onSubmit={(values) => void listProduct(values)}
          />
        </Fold>
      )}
      <Listed reading={read} count={drawn.length} empty="No products yet">
        <Table
          label="Products"
          rows={drawn}
          keyOf={({ it }) => it.sku}
          columns={[
            { name: "Sku", cell: ({ it }) => it.sku },
            {
              name: "Name",
              cell: ({ it }) => (
                <Editable
                  name={`name of ${it.sku}`}
                  shown={it.name}
                  typed={it.name}
                  may={may && it.version > 0}
                  of={it}
                  read={readText}
                  onSave={(seen, name) => void rename(seen, name)}
                />
              ),
            },
            { name: "Category", cell: ({ it }) => it.category },
            {
              name: "Price",
              number: true,
              cell: ({ it }) => (
                <Editable
                  name={`price of ${it.sku}`}
                  shown={showMoney(it.price, it.currency)}
                  typed={typeMoney(it.price, it.currency)}
                  may={may && it.version > 0}
                  of={it}
                  read={(text) => readMoney(text, it.currency)}
                  onSave={(seen, price) => void reprice(seen, price)}
                />
              ),
            },
            { name: "State", cell: ({ intent }) => <Chip intent={intent} /> },
          ]}
        />
      </Listed>
    </ShopPage>
  );
}
