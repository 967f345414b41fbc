// Signing in while developing: one of the people that the running stack offers, or a token pasted. Who issues tokens in
// production is not decided here.
import { Alert, Button, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type SyntheticEvent, useState } from "react";

import { fetchPeople } from "./people";
import { readToken, session } from "./session";
import styles from "./SignIn.module.css";

export function SignIn() {
  const { to } = useSearch({ from: "/sign-in" });
  const navigate = useNavigate();
  const [pasted, setPasted] = useState("");
  const [error, setError] = useState<string | null>(null);
  const people = useQuery({ queryKey: ["people"], queryFn: fetchPeople, retry: false });

  function enter(token: string): void {
    const found = readToken(token.trim());
    if (found === null) setError("This is no token: copy the whole line that lockstep token printed.");
    else if (session.signIn(found)) void navigate({ href: to ?? "/", replace: true });
    else setError("This token has expired: make a new one.");
  }
  function submit(event: SyntheticEvent): void {
    event.preventDefault();
    enter(pasted);
  }
  return (
    <div className={styles["card"]}>
      <h1>Sign in</h1>
      {people.data !== undefined && people.data.length > 0 && (
        <section aria-labelledby="people">
          <h2 id="people">As one of the demo’s people</h2>
          <div className={styles["people"]}>
            {people.data.map((person) => (
              <Button key={person.name} variant="default" size="md" onClick={() => enter(person.token)}>
                {person.name}
              </Button>
            ))}
          </div>
        </section>
      )}
      <form onSubmit={submit}>
        <Textarea
          label="With a token"
          description="Printed by: lockstep token --subject NAME. It stays in this tab."
          value={pasted}
          onChange={(event) => setPasted(event.currentTarget.value)}
          rows={3}
          autoComplete="off"
          spellCheck={false}
        />
        {error !== null && (
          <Alert color="red" variant="outline" role="alert" mt="sm">
            {error}
          </Alert>
        )}
        <Button type="submit" mt="md" disabled={pasted.trim() === ""}>
          Sign in
        </Button>
      </form>
    </div>
  );
}
