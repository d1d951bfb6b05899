package webhook_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"kaiku/events"
	"kaiku/infra/parts"
)

// Senders sign with the libraries of Standard Webhooks, not with ours. Two who
// share one misreading of the scheme would agree; so the other side here is
// its npm package.

// node runs a script that reads one JSON value from its input and writes one.
func node(t *testing.T, script string, input, output any) {
	t.Helper()
	program, dir := parts.Node(t)
	in, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "-e", `
		const { Webhook } = require("standardwebhooks");
		const input = JSON.parse(require("fs").readFileSync(0, "utf8"));
		process.stdout.write(JSON.stringify((() => {`+script+`})()));`)
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(in)
	var faults bytes.Buffer
	cmd.Stderr = &faults
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v: %s", err, faults.Bytes())
	}
	if err := json.Unmarshal(out, output); err != nil {
		t.Fatalf("node wrote %s: %v", out, err)
	}
}

func samples(t testing.TB) map[string]string {
	t.Helper()
	files, err := events.Webhook.ReadDir("webhook")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sample events: %v", err)
	}
	out := map[string]string{}
	for _, f := range files {
		b, err := events.Webhook.ReadFile("webhook/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name()] = string(b)
	}
	return out
}

func TestWhatStandardWebhooksSignsWeAccept(t *testing.T) {
	now := time.Now()
	bodies := samples(t)
	bodies["not in ASCII"] = `{"name":"Café Strandgläntan Ab 🦊"}`
	var signatures map[string]string
	node(t, `
		const w = new Webhook(input.secret), out = {};
		for (const [name, body] of Object.entries(input.bodies)) out[name] = w.sign("msg_" + name, new Date(input.at * 1000), body);
		return out;`,
		map[string]any{"secret": current, "at": now.Unix(), "bodies": bodies}, &signatures)
	if len(signatures) != len(bodies) {
		t.Fatalf("%d of %d are signed", len(signatures), len(bodies))
	}
	v := verifier(t, older+" "+current)
	for name, body := range bodies {
		header := http.Header{}
		header.Set("webhook-id", "msg_"+name)
		header.Set("webhook-timestamp", strconv.FormatInt(now.Unix(), 10))
		header.Set("webhook-signature", signatures[name])
		if id, err := v.Verify(header, []byte(body), now); err != nil || id != "msg_"+name {
			t.Errorf("%s: %v (id %q)", name, err, id)
		}
		if _, err := v.Verify(header, []byte(body+" "), now); err == nil {
			t.Errorf("%s: accepted with a space more", name)
		}
	}
}

func TestWhatWeSignStandardWebhooksAccepts(t *testing.T) {
	type message struct {
		Headers map[string]string `json:"headers"`
		Body    string            `json:"body"`
	}
	now := time.Now()
	messages := map[string]message{}
	for name, body := range samples(t) {
		header, err := verifier(t, current).Sign("msg_"+name, now, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		m := message{map[string]string{}, body}
		for name := range header {
			m.Headers[name] = header.Get(name)
		}
		messages[name] = m
	}
	var accepted map[string]bool
	const script = `
		const w = new Webhook(input.secret), out = {};
		for (const [name, m] of Object.entries(input.messages)) {
			const headers = Object.fromEntries(Object.entries(m.headers).map(([k, v]) => [k.toLowerCase(), v]));
			try { w.verify(m.body, headers); out[name] = true } catch { out[name] = false }
		}
		return out;`
	for _, c := range []struct {
		secret string
		want   bool
	}{{current, true}, {foreign, false}} {
		node(t, script, map[string]any{"secret": c.secret, "messages": messages}, &accepted)
		for name := range messages {
			if got, there := accepted[name]; !there || got != c.want {
				t.Errorf("%s: accepted %v, want %v", name, got, c.want)
			}
		}
	}
}
