package sns_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"testing"

	"kaiku/infra/parts"
	"kaiku/shared/sns"
)

// Whoever signs and checks by one misreading agrees with himself. So what our
// Signer signs, which the local run and the tests stand on, is checked by
// Amazon's own validator too (npm package sns-validator); of it, nothing but the
// download of the certificate is replaced.
const validator = `
	const { PassThrough } = require("stream");
	const input = JSON.parse(require("fs").readFileSync(0, "utf8"));
	require("https").get = (url, answer) => {
		const body = new PassThrough();
		body.statusCode = input.certificates[url] ? 200 : 404;
		body.end(input.certificates[url]);
		answer(body);
		return body;
	};
	const Validator = require("sns-validator");
	const check = (m) => new Promise((done) => new Validator().validate(m, (fault) => done(fault ? fault.message : "")));
	(async () => {
		const out = {};
		for (const [name, m] of Object.entries(input.messages)) out[name] = await check(m);
		process.stdout.write(JSON.stringify(out));
	})();`

func TestAmazonsValidatorAgrees(t *testing.T) {
	program, dir := parts.Node(t)
	messages, certificates := map[string]map[string]any{}, map[string]string{}
	want := map[string]bool{}
	for _, version := range []string{"1", "2"} {
		s := signer(t, topicARN, version, begin, end)
		pem, err := s.Fetch(t.Context(), s.URL())
		if err != nil {
			t.Fatal(err)
		}
		certificates[s.URL()] = string(pem)
		v := sns.NewVerifier(topic(t, topicARN), s, at(now))
		for name, change := range map[string]func(n *sns.Notification){
			"with a subject":  func(*sns.Notification) {},
			"without":         func(n *sns.Notification) { n.Subject = nil },
			"an empty one":    func(n *sns.Notification) { n.Message = "" },
			"a long one":      func(n *sns.Notification) { n.Message = string(bytes.Repeat([]byte("ä\r\n\t\"\\\u2028"), 20_000)) },
			"like the format": func(n *sns.Notification) { n.Message = "x\nMessageId\ny\nSubject\nz\n" },
		} {
			n := sample()
			change(&n)
			n = sign(t, s, n)
			altered := n
			altered.Timestamp = "2026-11-25T08:00:05.701Z"
			for name, n := range map[string]sns.Notification{name: n, name + ", altered": altered} {
				name = "version " + version + ", " + name
				messages[name] = lambdaMessage(n)
				want[name] = v.Verify(t.Context(), n) == nil
			}
		}
	}
	in, err := json.Marshal(map[string]any{"messages": messages, "certificates": certificates})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "-e", validator)
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(in)
	var faults bytes.Buffer
	cmd.Stderr = &faults
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v: %s", err, faults.Bytes())
	}
	var got map[string]string
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("node wrote %s: %v", out, err)
	}
	accepted := 0
	for name, ours := range want {
		fault, there := got[name]
		if theirs := there && fault == ""; theirs != ours {
			t.Errorf("%s: we accept %v, the validator says %q", name, ours, fault)
		}
		if ours {
			accepted++
		}
	}
	if accepted != len(want)/2 {
		t.Errorf("%d of %d are accepted, want the half that is not altered", accepted, len(want))
	}
}

// lambdaMessage is a notification as it stands on the wire to a function.
func lambdaMessage(n sns.Notification) map[string]any {
	return map[string]any{"Type": n.Type, "MessageId": n.MessageID, "TopicArn": n.TopicARN, "Subject": n.Subject, "Message": n.Message,
		"Timestamp": n.Timestamp, "SignatureVersion": n.SignatureVersion, "Signature": n.Signature, "SigningCertUrl": n.SigningCertURL}
}
