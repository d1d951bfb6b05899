package templatecheck

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"kaiku/infra/runtimeapi"
)

// What the template tells a function is all that the function asks for: each is
// started with just these variables, and must come as far as asking for its
// first event.
func TestFunctionsStartWithWhatTheTemplateTellsThem(t *testing.T) {
	cloud := httptest.NewServer(http.HandlerFunc(parameterStore))
	t.Cleanup(cloud.Close)
	for name, f := range translated(t).functions(t) {
		t.Run(name, func(t *testing.T) {
			env := map[string]string{"AWS_ENDPOINT_URL": cloud.URL}
			vars, _ := f.Properties.at("Environment", "Variables").(map[string]any)
			for key, value := range vars {
				env[key] = deployed(key, value)
			}
			function := runtimeapi.Start(t, runtimeapi.Build(t, "kaiku/functions/"+name+"/bootstrap"), env)
			if err := function.Ready(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// deployed is a value that CloudFormation might put in place of a reference.
func deployed(key string, value any) string {
	if s, ok := value.(string); ok {
		return s
	}
	switch {
	case key == "LOG_LEVEL":
		return "info"
	case strings.HasSuffix(key, "_TOPIC_ARN"):
		return "arn:aws:sns:eu-north-1:123456789012:" + strings.ToLower(key)
	case strings.HasSuffix(key, "_URL"):
		return "https://kaiku.example"
	default:
		return "/kaiku/" + strings.ToLower(key)
	}
}

// parameterStore stands in for SSM: every parameter holds a secret of its own that
// is good for any purpose, and nothing else is asked for at the start.
func parameterStore(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".GetParameter") {
		http.Error(w, "not asked for at the start", http.StatusBadRequest)
		return
	}
	var in struct{ Name string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Name == "" {
		http.Error(w, "no name", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	sum := sha256.Sum256([]byte(in.Name))
	secret := "whsec_" + base64.StdEncoding.EncodeToString(sum[:])
	_, _ = io.WriteString(w, `{"Parameter":{"Name":"`+in.Name+`","Type":"SecureString","Value":"`+secret+`"}}`)
}
