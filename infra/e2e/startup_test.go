package e2e

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestARunThatCannotStartSaysWhatToDo(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := local(t, sunday)
	for what, c := range map[string]struct {
		env  environment
		says []string
	}{
		"a time that is none":      {good.with("KAIKU_NOW", "tomorrow"), []string{"KAIKU_NOW", "2026-11-22T08:00:00Z"}},
		"an unknown store":         {good.with("STORE", "paper"), []string{"STORE", "paper", "bolt", "dynamodb"}},
		"DynamoDB nowhere":         {good.with("STORE", "dynamodb"), []string{"AWS_ENDPOINT_URL_DYNAMODB", "http://"}},
		"a webhook secret of ours": {good.with("WEBHOOK_SECRETS", "secret"), []string{"WEBHOOK_SECRETS", "whsec_"}},
		"a short report token":     {good.with("REPORT_TOKEN", "token"), []string{"REPORT_TOKEN", "16"}},
		"a port that is none":      {good.with("PORT", "eighty"), []string{"PORT"}},
		"no policy file":           {good.with("POLICY", filepath.Join(folder, "none.yaml")), []string{"none.yaml"}},
		"an unknown key": {good.with("POLICY", write("key.yaml", "timezone: Europe/Helsinki\nrules:\n  too_olde: 14d\n")),
			[]string{"key.yaml:3", "too_olde"}},
		"a wrong unit":   {good.with("POLICY", write("unit.yaml", "sending:\n  reminders: 1\n  link_open: 30 days\n")), []string{"unit.yaml:3", "30d"}},
		"a wrong value":  {good.with("POLICY", write("value.yaml", "openings:\n  holidays: sweden\n")), []string{"value.yaml:2", "finland", "none"}},
		"an impossible":  {good.with("POLICY", write("impossible.yaml", "openings:\n  from: \"15:00\"\n  to: \"09:00\"\n")), []string{"impossible.yaml:"}},
		"not YAML":       {good.with("POLICY", write("text.yaml", "rules: [\n")), []string{"text.yaml:"}},
		"a data file":    {good.with("DATA", write("data", "no folder")), []string{"DATA"}},
		"several faults": {good.with("REPORT_TOKEN", "token").with("WEBHOOK_SECRETS", "secret"), []string{"REPORT_TOKEN", "WEBHOOK_SECRETS"}},
	} {
		env := c.env
		if env["PORT"] == "" {
			env = env.with("PORT", freePort(t))
		}
		code, said := failedStart(t, env)
		for _, word := range c.says {
			if !strings.Contains(said, word) {
				t.Errorf("%s: it says %q, want %q in it", what, said, word)
			}
		}
		if code != 1 || strings.Contains(said, "ready http") || strings.Contains(said, "goroutine") {
			t.Errorf("%s: it ends with %d and says %q", what, code, said)
		}
	}
}

func TestAPortInUseIsSaidAndNothingIsTouched(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(t.TempDir(), "data")
	code, said := failedStart(t, local(t, sunday).with("PORT", port).with("DATA", data))
	if code != 1 || !strings.Contains(said, "PORT") || !strings.Contains(said, port) || strings.Contains(said, "ready http") {
		t.Errorf("it ends with %d and says %q, want it to name PORT", code, said)
	}
	if _, err := os.Stat(data); err == nil {
		t.Error("it made the data folder all the same")
	}
}

func TestTwoRunsDoNotShareOneDataFolder(t *testing.T) {
	k := start(t, local(t, sunday))
	code, said := failedStart(t, k.env.with("PORT", freePort(t)))
	if code != 1 || !strings.Contains(said, "another process") || strings.Contains(said, "ready http") {
		t.Errorf("it ends with %d and says %q, want that another process has the data", code, said)
	}
	planned(t, k.post("msg_change", readSample(t, "webhook/contract.changed.json"))) // the first goes on
}

func TestARunIsReadyOnceItServesAndMakesItsDataFolder(t *testing.T) {
	data := filepath.Join(t.TempDir(), "a", "b")
	k := start(t, local(t, sunday).with("DATA", data)) // it wants the ready line as it must be
	if a := k.send(http.MethodGet, "/local", nil, nil); a.status != http.StatusOK {
		t.Errorf("/local answers %d", a.status)
	}
	if _, err := os.Stat(data); err != nil {
		t.Error(err)
	}
	if err := k.stop(); err != nil {
		t.Errorf("it ended with %v, want well", err)
	}
}
