(function () {
'use strict';
var form = document.querySelector('form[data-confirm]');
if (!form || !window.fetch || !window.URLSearchParams || !window.FormData) return;
var note = form.querySelector('.note'), done = document.querySelector('.done'), last = document.querySelector('.last');
var comment = form.elements.comment;
// The comment goes only with the button, and only if it was changed here: shown is
// what the server has of it as far as this page knows, said what is on its way. All
// else leaves the one on record, which another tab may have written.
var shown = comment.defaultValue, said = null;
var touched = false, wanted = false, busy = false, refused = false, thank = false, tries = 0, timer = 0, recorded = '';

function chosen() { return form.querySelector('[name=score]:checked'); }
function say(what) { note.textContent = what ? note.getAttribute('data-' + what) : ''; }
function choices() {
  var fields = new URLSearchParams(new FormData(form));
  fields.delete('comment');
  fields.delete('keep');
  return fields;
}
// The wait lets a tap on another score be the one answer.
function soon() { say('saving'); later(400); }
function later(ms) { wanted = true; clearTimeout(timer); timer = setTimeout(post, ms); }
function saved() {
  tries = 0;
  // A reload, or the way back, must show what is on record and not the score of the
  // link, or the next touch would put that one back.
  history.replaceState(null, '', form.action);
  if (last) last.hidden = false;
  say(thank ? '' : 'saved');
  if (thank) {
    done.hidden = false;
    done.focus();
    document.title = done.firstElementChild.textContent;
    thank = false;
  }
}
function failed(what) { say(what); later(Math.min(60, 4 * Math.pow(2, tries++)) * 1000); }
function post() {
  clearTimeout(timer);
  if (!wanted || busy || refused || !chosen()) return;
  var fields = choices(), these = fields.toString(), words = said;
  wanted = false;
  if (these === recorded && words === null) return saved();
  if (words !== '') fields.set('keep', '1');
  fields.set('comment', words || '');
  busy = true;
  say('saving');
  fetch(form.action, {method: 'POST', body: fields.toString(), keepalive: true, headers: {
    'Content-Type': 'application/x-www-form-urlencoded;charset=UTF-8', 'Accept': 'application/json'}
  }).then(function (r) {
    busy = false;
    if (r.ok) {
      recorded = these;
      if (words !== null) shown = words;
      if (said === words) said = null;
      if (wanted) post(); else saved();
    } else if (r.status >= 500 || r.status === 408 || r.status === 429) {
      failed('failed');
    } else {
      // The server has a page that says why; the button now goes there.
      refused = true;
      say('failed');
    }
  }, function () {
    busy = false;
    failed(navigator.onLine === false ? 'offline' : 'failed');
  });
}

form.noValidate = true;
form.addEventListener('submit', function (e) {
  // Scripts can ask for a submission, and that event is trusted; without a touch it
  // is none of ours.
  if (touched && refused) {
    form.method = 'post';
    return;
  }
  e.preventDefault();
  if (!touched) return;
  if (!chosen()) {
    say('choose');
    form.querySelector('[name=score]').focus();
    return;
  }
  if (comment.value !== (said === null ? shown : said)) said = comment.value;
  thank = true;
  tries = 0;
  later(0);
});
addEventListener('online', function () { if (wanted) later(0); });

var auto = form.getAttribute('data-confirm') === 'touch';
// What is on record already need not be sent again by a mere touch.
if (form.hasAttribute('data-recorded')) recorded = choices().toString();
// A person's first touch counts the score they clicked in the mail. Scripts of mail
// scanners can load, click and scroll, but those events are not trusted; change,
// submit and scroll events are even then, so they count only after a touch, and the
// wheel and the finger stand for the scroll.
var touches = ['pointerdown', 'pointermove', 'touchstart', 'keydown', 'wheel', 'click'];
function touch(e) {
  if (!e.isTrusted) return;
  touched = true;
  touches.forEach(function (t) { removeEventListener(t, touch, true); });
  if (auto && chosen() && choices().toString() !== recorded) soon();
}
touches.forEach(function (t) { addEventListener(t, touch, {capture: true, passive: true}); });
form.addEventListener('change', function (e) {
  if (auto && touched && e.target.type === 'radio') soon();
});
function leave() {
  if (wanted) { busy = false; post(); }
}
addEventListener('pagehide', leave);
document.addEventListener('visibilitychange', function () { if (document.hidden) leave(); });
// form.submit() asks no listener; this way it does nothing (there is no dialog).
form.method = 'dialog';
})();
