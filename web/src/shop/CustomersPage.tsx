// The shop's customers, and registering one.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { type Field, Form } from "../shell/Form";
import { session } from "../shell/session";
import { Table } from "../shell/Table";
import { Chip } from "../writes/Chip";
import { useIntents } from "../writes/writes";
import { draftCustomer } from "./drafts";
import { registerCustomer } from "./intents";
import { Listed } from "./Listed";
import { drawOne, withNew } from "./overlay";
import { customers } from "./reads";
import { Fold, ShopPage } from "./ShopNav";

const FIELDS: Field[] = [
  { name: "name", label: "Name" },
  { name: "email", label: "Email", kind: "email" },
  { name: "phone", label: "Phone", kind: "tel" },
  { name: "segment", label: "Segment" },
  { name: "region", label: "Region" },
  { name: "birthYear", label: "Year of birth", kind: "number", optional: true },
  { name: "gender", label: "Gender", optional: true },
];

export function CustomersPage() {
  const read = useInfiniteQuery(customers);
  const intents = useIntents();
  const rows = read.data?.pages.flatMap((page) => page.customers) ?? [];
  const drawn = withNew(rows, read.isSuccess ? intents : [], "customer.new", "customerId", draftCustomer).map((each) =>
    drawOne(each, `customer-${each.customerId}`, intents),
  );
  return (
    <ShopPage title="Customers">
      {session.can("shop:write") && (
        <Fold title="Register a customer">
          <Form
            label="Register a customer"
            action="Register"
            fields={FIELDS}
            onSubmit={(values) => void registerCustomer(values)}
          />
        </Fold>
      )}
      <Listed reading={read} count={drawn.length} empty="No customers yet">
        <Table
          label="Customers"
          rows={drawn}
          keyOf={({ it }) => it.customerId}
          columns={[
            {
              name: "Name",
              cell: ({ it, intent }) => (
                <>
                  <Link to="/shop/customers/$customerId" params={{ customerId: it.customerId }}>
                    {it.name}
                  </Link>{" "}
                  <Chip intent={intent} />
                </>
              ),
            },
            { name: "Email", cell: ({ it }) => it.email },
            { name: "Phone", cell: ({ it }) => it.phone },
            { name: "Segment", cell: ({ it }) => it.segment },
            { name: "Region", cell: ({ it }) => it.region },
          ]}
        />
      </Listed>
    </ShopPage>
  );
}
