{{- /* Names */ -}}
{{- define "barycenter.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "barycenter.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "barycenter.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "barycenter.labels" -}}
app: {{ include "barycenter.fullname" . }}
app.kubernetes.io/name: {{ include "barycenter.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- /* What selects the servers, and never a job */ -}}
{{- define "barycenter.server" -}}
app: {{ include "barycenter.fullname" . }}
component: server
{{- end -}}

{{- define "barycenter.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "barycenter.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "barycenter.usersSecret" -}}
{{- default (printf "%s-users" (include "barycenter.fullname" .)) .Values.users.existingSecret -}}
{{- end -}}

{{- define "barycenter.dataClaim" -}}
{{- default (printf "%s-data" (include "barycenter.fullname" .)) .Values.persistence.existingClaim -}}
{{- end -}}

{{- define "barycenter.image" -}}
{{- $tag := default .Chart.AppVersion .Values.image.tag -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository $tag -}}
{{- end -}}
{{- end -}}

{{- define "barycenter.host" -}}
{{- (urlParse .Values.config.server.public_base_url).hostname -}}
{{- end -}}

{{- /* What a lasting volume is for: SQLite, or keys that were generated */ -}}
{{- define "barycenter.volume" -}}
{{- if and .Values.persistence.enabled (or (eq .Values.database.type "sqlite") (not .Values.keys.existingSecret)) -}}yes{{- end -}}
{{- end -}}

{{- /* config.toml: what follows from other values, under what config says. JSON texts, numbers and arrays are TOML. */ -}}
{{- define "barycenter.config" -}}
{{- $url := "sqlite:///data/barycenter.db?mode=rwc" -}}
{{- with .Values.database.postgresql -}}
{{- if eq $.Values.database.type "postgresql" -}}
{{- $url = printf "postgresql://%s@%s:%v/%s" .user .host .port .name -}}
{{- if .parameters -}}{{- $url = printf "%s?%s" $url .parameters -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- $database := dict "url" $url -}}
{{- if eq .Values.database.type "postgresql" -}}{{- $_ := set $database "password_file" (printf "/database/%s" .Values.database.postgresql.passwordKey) -}}{{- end -}}
{{- $derived := dict "database" $database "keys" (dict "private_key_path" (ternary "/keys/private_key.pem" "/data/private_key.pem" (not (empty .Values.keys.existingSecret)))) -}}
{{- if .Values.users.sync.watch -}}
{{- $users := dict "file" "/secrets/users.json" "prune" .Values.users.sync.prune -}}
{{- if .Values.users.valuesSecret -}}{{- $_ := set $users "secrets_dir" "/values" -}}{{- end -}}
{{- $_ := set $derived "users" $users -}}
{{- end -}}
{{- $config := mergeOverwrite $derived (deepCopy .Values.config) -}}
{{- range $section, $keys := $config }}
[{{ $section }}]
{{- range $key, $value := $keys }}
{{- if not (kindIs "invalid" $value) }}
{{ $key }} = {{ $value | toJson }}
{{- end }}
{{- end }}
{{ end }}
{{- end -}}

{{- /* What every pod has */ -}}
{{- define "barycenter.pod" -}}
serviceAccountName: {{ include "barycenter.serviceAccount" . }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- end -}}

{{- /* Jobs on a ReadWriteOnce volume go where the server is */ -}}
{{- define "barycenter.besideServer" -}}
{{- if include "barycenter.volume" . }}
affinity:
  podAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels:
            {{- include "barycenter.server" . | nindent 12 }}
{{- end }}
{{- end -}}

{{- define "barycenter.env" -}}
- name: RUST_LOG
  value: {{ .Values.logLevel | quote }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "barycenter.mounts" -}}
- name: data
  mountPath: /data
- name: config
  mountPath: /app
  readOnly: true
{{- if .Values.keys.existingSecret }}
- name: keys
  mountPath: /keys
  readOnly: true
{{- end }}
{{- if eq .Values.database.type "postgresql" }}
- name: database
  mountPath: /database
  readOnly: true
{{- end }}
- name: tmp
  mountPath: /tmp
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "barycenter.usersMounts" -}}
- name: users-secret
  mountPath: /secrets
  readOnly: true
{{- if .Values.users.valuesSecret }}
- name: users-values
  mountPath: /values
  readOnly: true
{{- end }}
{{- end -}}

{{- define "barycenter.volumes" -}}
- name: data
  {{- if include "barycenter.volume" . }}
  persistentVolumeClaim:
    claimName: {{ include "barycenter.dataClaim" . }}
  {{- else }}
  emptyDir:
    sizeLimit: 64Mi
  {{- end }}
- name: config
  configMap:
    name: {{ include "barycenter.fullname" . }}-config
{{- with .Values.keys.existingSecret }}
- name: keys
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- if eq .Values.database.type "postgresql" }}
- name: database
  secret:
    secretName: {{ .Values.database.postgresql.existingSecret }}
    defaultMode: 0440
{{- end }}
- name: tmp
  emptyDir:
    sizeLimit: 256Mi
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "barycenter.usersVolumes" -}}
- name: users-secret
  secret:
    secretName: {{ include "barycenter.usersSecret" . }}
    defaultMode: 0440
{{- with .Values.users.valuesSecret }}
- name: users-values
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- end -}}

{{- /* One sync, as a container */ -}}
{{- define "barycenter.sync" -}}
- name: user-sync
  image: {{ include "barycenter.image" . }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  command:
    - barycenter
    - sync-users
    - --file
    - /secrets/users.json
    {{- if ne .Values.users.sync.prune "keep" }}
    - --prune
    - {{ .Values.users.sync.prune }}
    {{- end }}
    {{- if .Values.users.valuesSecret }}
    - --secrets-dir
    - /values
    {{- end }}
    {{- with .Values.users.sync.extraArgs }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  env:
    {{- include "barycenter.env" . | trim | nindent 4 }}
  volumeMounts:
    {{- include "barycenter.usersMounts" . | nindent 4 }}
    {{- include "barycenter.mounts" . | nindent 4 }}
  resources:
    {{- toYaml .Values.resources.jobs | nindent 4 }}
  terminationMessagePolicy: FallbackToLogsOnError
  securityContext:
    {{- toYaml .Values.containerSecurityContext | nindent 4 }}
{{- end -}}

{{- /* A pod that syncs once */ -}}
{{- define "barycenter.syncPod" -}}
restartPolicy: Never
{{ include "barycenter.pod" . }}
{{- include "barycenter.besideServer" . }}
containers:
  {{- include "barycenter.sync" . | nindent 2 }}
volumes:
  {{- include "barycenter.usersVolumes" . | nindent 2 }}
  {{- include "barycenter.volumes" . | nindent 2 }}
{{- end -}}

{{- /* What another try cannot mend fails at once (exit codes of sync-users); a node that is drained does not count */ -}}
{{- define "barycenter.syncFailurePolicy" -}}
podFailurePolicy:
  rules:
    - action: FailJob
      onExitCodes:
        containerName: user-sync
        operator: In
        values: [2, 3, 4, 5, 6, 7, 70]
    - action: Ignore
      onPodConditions:
        - type: DisruptionTarget
          status: "True"
{{- end -}}
