# SPDX-License-Identifier: MIT
# Files include headers only from their own or lower layers.

# The layers of the library and of the command, lowest first. A header may be a layer of its own.
layers="lib/base lib/kernels lib/digest lib/io lib/engine lib/manifest lib/ops
	cli/output cli/app.h cli/options cli/formats cli/commands cli"

# The includes in the tree $1 that break the rule: "file: header".
violations() {
	(cd "$1" && grep -roE '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<][^">]*[">]' lib cli examples \
		--include='*.[ch]' | tr -d '[:blank:]' | awk -F: -v layers="$layers" '
		BEGIN { count = split(layers, names, " "); for (i = 1; i <= count; i++) rank[names[i]] = i }
		# The layer of a file, 0 if none: that of the nearest directory that is a layer.
		function layer(path) {
			if (path in rank) return rank[path]
			while (sub("/[^/]*$", "", path) && !(path in rank)) {}
			return rank[path] + 0
		}
		function is_there(path) { return (getline line <path) >= 0 }
		{
			quoted = $2 ~ /"/
			header = $2
			gsub(/#include|[<>"]/, "", header)
			# The public headers.
			if (quoted && (header == "sparsesum.h" || header ~ /^sparsesum\/(package|receiver)\.h$/))
				next
			top = $1
			sub("/.*", "", top)
			own = layer($1)
			theirs = layer(top "/" header)
		}
		# A header in quotes must be in a layer of the same tree, not above that of the file.
		quoted && (!theirs || !own || theirs > own || !is_there(top "/" header)) { bad() }
		# A header in angle brackets is a system header.
		!quoted && (is_there("lib/" header) || is_there("cli/" header)) { bad() }
		function bad() { print $1 ": " header }
	' | sort -u)
}

copy_tree() {
	cp -r "$BATS_TEST_DIRNAME/../../lib" "$BATS_TEST_DIRNAME/../../cli" "$BATS_TEST_DIRNAME/../../examples" \
		"$BATS_TEST_TMPDIR/"
}

@test "each directory is a layer" {
	local directories
	directories=$(cd "$BATS_TEST_DIRNAME/../.." && ls -d lib/*/ lib/ops/*/ cli/ cli/*/ | grep -v completions)
	[ "$(sed 's,/$,,' <<<"$directories" | sort)" = "$(xargs -n 1 <<<"$layers" | grep -v '\.h$' | sort)" ]
}

@test "no file includes from a higher layer" {
	[ "$(cd "$BATS_TEST_DIRNAME/../.." && grep -rl '#include "' lib | wc -l)" -gt 20 ]
	run violations "$BATS_TEST_DIRNAME/../.."
	echo "$output"
	[ "$status" -eq 0 ] && [ -z "$output" ]
}

# Show that the check finds violations.
@test "violations are found" {
	local file header
	while read -r file header; do
		copy_tree
		echo "#include $header" >>"$BATS_TEST_TMPDIR/$file"
		run violations "$BATS_TEST_TMPDIR"
		echo "$output"
		[ "$output" = "$file: $(tr -d '<">' <<<"$header")" ]
	done <<-'END'
		lib/base/error.c "io/read_write.h"
		lib/io/read_write.c "engine/pool.h"
		lib/engine/pool.c "manifest/manifest.h"
		lib/kernels/kernel.h "digest/stream.h"
		lib/digest/stream.c "../io/read_write.h"
		lib/manifest/lines.c "ops/walk.h"
		lib/ops/explain.c "verification.h"
		lib/ops/segments.h "ops/none.h"
		cli/main.c "base/common.h"
		cli/main.c <base/common.h>
		cli/main.c <output/memory.h>
		cli/output/output.c "app.h"
		cli/app.h "options/options.h"
		cli/formats/reading.h "commands/report.h"
		cli/commands/entry.c "nowhere.h"
		lib/ops/hash.c "options/options.h"
		examples/hash_file.c "output/memory.h"
	END
}
