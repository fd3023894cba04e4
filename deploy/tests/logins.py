"""Signs in many times, as a browser without scripts does: logins.py ADDRESS USERNAME PASSWORD COUNT.

Waits until the server is ready. Every sign-in loads the form, posts it and must get a session; the first that fails ends
the run, and so does SIGINT, well. Eight at a time.
"""

import http.client
import re
import signal
import sys
import threading
import time
import urllib.parse

WORKERS = 8
PATIENCE = 120


def wait(host):
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection = http.client.HTTPConnection(host, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except (OSError, http.client.HTTPException):
            pass
        if time.monotonic() > deadline:
            sys.exit(f"{host} was not ready within {PATIENCE} s")
        time.sleep(0.1)


def sign_in(connection, form):
    connection.request("GET", "/login")
    page = connection.getresponse()
    text = page.read().decode()
    if page.status != 200:
        raise RuntimeError(f"GET /login: {page.status} {text[:300]}")
    cookie = page.headers["set-cookie"].split(";")[0]
    csrf = re.search(r'name="csrf" value="([^"]+)"', text).group(1)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie, "Origin": form["origin"]}
    body = urllib.parse.urlencode({"csrf": csrf, "username": form["username"], "password": form["password"]})
    connection.request("POST", "/login", body, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    if answer.status != 303:
        raise RuntimeError(f"POST /login: {answer.status} {re.sub('<[^>]*>', ' ', text)[-300:]}")


def main():
    address, username, password, count = sys.argv[1:5]
    host = urllib.parse.urlsplit(address).netloc
    wait(host)
    form = {"origin": address, "username": username, "password": password}
    left, done, lock, faults = int(count), 0, threading.Lock(), []

    def stop(*_):
        nonlocal left
        left = 0

    signal.signal(signal.SIGINT, stop)

    def work():
        nonlocal left, done
        connection = http.client.HTTPConnection(host, timeout=60)
        while not faults:
            with lock:
                if left <= 0:
                    return
                left -= 1
            try:
                sign_in(connection, form)
                with lock:
                    done += 1
            except Exception as fault:  # whatever it is ends the run
                faults.append(fault)

    started = time.monotonic()
    workers = [threading.Thread(target=work) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if faults:
        sys.exit(f"a sign-in failed: {faults[0]}")
    if done:
        took = time.monotonic() - started
        print(f"        {done} sign-ins in {took:.0f} s, {done / took:.1f} a second")


if __name__ == "__main__":
    main()
