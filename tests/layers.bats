# SPDX-License-Identifier: MIT
# A file includes only from its own layer and those beneath.

layers="base kernels digest file engine formats package"

# Each include that does not keep to it, of the tree below $1: "file: header".
violations() {
	(cd "$1" && grep -roE '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<][^">]*[">]' lib cli examples \
		--include='*.[ch]') | tr -d '[:blank:]' | awk -F: -v layers="$layers" '
		BEGIN { count = split(layers, names, " "); for (i = 1; i <= count; i++) rank[names[i]] = i }
		{
			quoted = $2 ~ /"/
			header = $2
			gsub(/#include|[<>"]/, "", header)
			split($1, place, "/")
			split(header, from, "/")
		}
		# In the library: only what has a layer, and none above the own one.
		place[1] == "lib" && quoted && header != "sparsesum.h" &&
			(!(from[1] in rank) || !(place[2] in rank) || rank[from[1]] > rank[place[2]]) { bad() }
		# Above it: the public header, and the own headers of the command line.
		place[1] != "lib" && quoted && header != "sparsesum.h" &&
			(place[1] != "cli" || header ~ /\//) { bad() }
		place[1] != "lib" && from[1] in rank { bad() }
		function bad() { print $1 ": " header }
	' | sort -u
}

copy_tree() {
	cp -r "$BATS_TEST_DIRNAME/../lib" "$BATS_TEST_DIRNAME/../cli" "$BATS_TEST_DIRNAME/../examples" \
		"$BATS_TEST_TMPDIR/"
}

@test "each folder of the library is a layer" {
	[ "$(cd "$BATS_TEST_DIRNAME/../lib" && ls -d ./*/ | tr -d './' | sort)" = "$(tr ' ' '\n' <<<"$layers" | sort)" ]
}

@test "nothing includes from a layer above its own" {
	[ "$(cd "$BATS_TEST_DIRNAME/.." && grep -rl '#include "' lib | wc -l)" -gt 20 ]
	run violations "$BATS_TEST_DIRNAME/.."
	echo "$output"
	[ "$status" -eq 0 ] && [ -z "$output" ]
}

# A check that sees nothing proves nothing.
@test "violations are seen" {
	local file header
	while read -r file header; do
		copy_tree
		echo "#include $header" >>"$BATS_TEST_TMPDIR/$file"
		run violations "$BATS_TEST_TMPDIR"
		echo "$output"
		[ "$output" = "$file: $(tr -d '<">' <<<"$header")" ]
	done <<-'END'
		lib/base/error.c "file/reader.h"
		lib/file/reader.c "engine/pool.h"
		lib/engine/lane.c "formats/manifest.h"
		lib/kernels/kernel.h "digest/stream.h"
		lib/digest/stream.c "../file/reader.h"
		cli/main.c "base/common.h"
		cli/main.c <base/common.h>
		examples/hash_file.c "cli.h"
	END
}
