import { useInfiniteQuery } from "@tanstack/react-query";

import { type Field, Form, type Values } from "../shell/Form";
import { Empty } from "../shell/Panels";
import { placeOrder } from "./intents";
import { customers, products, promotions } from "./reads";

/** An order of one product by one customer; an order of many lines comes in through the API. */
export function PlaceOrder() {
  const people = useInfiniteQuery(customers).data?.pages.flatMap((page) => page.customers) ?? [];
  const goods = useInfiniteQuery(products).data?.pages.flatMap((page) => page.products) ?? [];
  const offers = useInfiniteQuery(promotions).data?.pages.flatMap((page) => page.promotions) ?? [];
  if (people.length === 0 || goods.length === 0) {
    return <Empty title="An order needs a customer and a product">Register one and list one first.</Empty>;
  }
  const fields: Field[] = [
    {
      name: "customerId",
      label: "Customer",
      kind: "choice",
      choices: people.map((each) => ({ value: each.customerId, label: `${each.name}, ${each.email}` })),
    },
    {
      name: "sku",
      label: "Product",
      kind: "choice",
      choices: goods.map((each) => ({ value: each.sku, label: `${each.name}, ${each.currency}` })),
    },
    { name: "quantity", label: "Quantity", kind: "number", initial: "1" },
    { name: "amount", label: "Amount, if not price × quantity", kind: "money", optional: true },
    {
      name: "promotion",
      label: "Promotion",
      kind: "choice",
      optional: true,
      choices: [
        { value: "", label: "None" },
        ...offers.filter((each) => !each.ended).map((each) => ({ value: each.promotionId, label: each.name })),
      ],
    },
  ];
  function place(values: Values): void {
    const customer = people.find((each) => each.customerId === values["customerId"]);
    const product = goods.find((each) => each.sku === values["sku"]);
    if (customer === undefined || product === undefined) return;
    const quantity = Number(values["quantity"]);
    const amount = values["amount"] === null ? product.price * quantity : Number(values["amount"]);
    const promotion = values["promotion"] === null ? null : String(values["promotion"]);
    const lines = [{ sku: product.sku, quantity, amount }];
    placeOrder({ customerId: customer.customerId, currency: product.currency, lines, promotion }, customer);
  }
  return <Form label="Place an order" action="Place the order" fields={fields} onSubmit={place} />;
}
