function __mmtrain_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __mmtrain_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __mmtrain_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __mmtrain_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __mmtrain_parse_tokens -S
    set -l unparsed_tokens (__mmtrain_tokens -pc)
    switch $unparsed_tokens[1]
    case 'mmtrain'
        __mmtrain_parse_subcommand 0 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'train'
            __mmtrain_parse_subcommand 0 'config=+' 'set=+' 'output=' 'resume=' 'ranks=' 'hostfile=' 'restarts=' 'threads=' 'accept-data-change' 'dry-run' 'json' 'version' 'h/help'
        case 'prepare'
            __mmtrain_parse_subcommand 1 'archive=+' 'images=' 'captions=+' 'caption-columns=' 'caption-delimiter=' 'questions=+' 'annotations=+' 'boxes=+' 'regions=+' 'columns=' 'table=+' 'splits=' 'tokenizer=' 'vocabulary-size=' 'name-encoding=' 'max-bad-fraction=' 'max-megapixels=' 'lenient' 'fail-on-leaks' 'output=' 'downloads=' 'list' 'explain' 'json' 'version' 'h/help'
        case 'evaluate'
            __mmtrain_parse_subcommand 0 'checkpoint=' 'data=' 'split=' 'rerank=' 'pairs=' 'threads=' 'allow-nonfinite' 'json' 'version' 'h/help'
        case 'match'
            __mmtrain_parse_subcommand 0 'model=' 'image=+' 'text=+' 'texts=' 'over=' 'skip-bad' 'precision=' 'threads=' 'allow-nonfinite' 'json' 'version' 'h/help'
        case 'embed'
            __mmtrain_parse_subcommand 0 'model=' 'images=+' 'texts=' 'data=' 'split=' 'output=' 'skip-bad' 'precision=' 'threads=' 'allow-nonfinite' 'version' 'h/help'
        case 'zeroshot'
            __mmtrain_parse_subcommand 0 'model=' 'data=' 'split=' 'classes=' 'template=+' 'templates=' 'skip-bad' 'precision=' 'threads=' 'allow-nonfinite' 'json' 'version' 'h/help'
        case 'search'
            __mmtrain_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'index'
                __mmtrain_parse_subcommand 0 'model=' 'photos=' 'split=' 'output=' 'skip-bad' 'precision=' 'threads=' 'allow-nonfinite' 'version' 'h/help'
            case 'query'
                __mmtrain_parse_subcommand 0 'index=' 'text=+' 'image=+' 'top=' 'model=' 'html=' 'precision=' 'threads=' 'allow-nonfinite' 'json' 'version' 'h/help'
            end
        case 'export'
            __mmtrain_parse_subcommand 0 'model=' 'to=' 'output=' 'allow-nonfinite' 'json' 'version' 'h/help'
        case 'fetch'
            __mmtrain_parse_subcommand 1 'version' 'h/help'
        case 'inspect'
            __mmtrain_parse_subcommand 1 'verify' 'json' 'version' 'h/help'
        case 'verify'
            __mmtrain_parse_subcommand 0 'model=' 'case=' 'tolerance=' 'threads=' 'json' 'version' 'h/help'
        case 'doctor'
            __mmtrain_parse_subcommand 0 'ranks=' 'threads=' 'output=' 'json' 'version' 'h/help'
        case 'bench'
            __mmtrain_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'step'
                __mmtrain_parse_subcommand 0 'model=' 'preset=' 'batch=' 'precision=' 'micro=' 'recompute=' 'steps=' 'threads=' 'data=' 'caption-lengths=' 'set=+' 'padded' 'json' 'version' 'h/help'
            case 'embed'
                __mmtrain_parse_subcommand 0 'model=' 'preset=' 'batch=' 'texts=' 'tokens=' 'repetitions=' 'set=+' 'precision=' 'threads=' 'allow-nonfinite' 'json' 'version' 'h/help'
            case 'gemm'
                __mmtrain_parse_subcommand 0 'preset=' 'batch=' 'caption-tokens=' 'precision=' 'products=' 'threads=' 'json' 'version' 'h/help'
            case 'convolutions'
                __mmtrain_parse_subcommand 0 'batch=' 'products=' 'repetitions=' 'threads=' 'json' 'version' 'h/help'
            case 'kernels'
                __mmtrain_parse_subcommand 0 'level=' 'json' 'version' 'h/help'
            case 'allreduce'
                __mmtrain_parse_subcommand 0 'sizes=' 'repetitions=' 'json' 'version' 'h/help'
            case 'scaling'
                __mmtrain_parse_subcommand 0 'model=' 'preset=' 'batch=' 'precision=' 'steps=' 'data=' 'write=' 'json' 'version' 'h/help'
            case 'loader'
                __mmtrain_parse_subcommand 0 'data=' 'split=' 'image-size=' 'photos=' 'json' 'version' 'h/help'
            case 'checkpoint'
                __mmtrain_parse_subcommand 0 'model=' 'preset=' 'output=' 'repetitions=' 'json' 'version' 'h/help'
            case 'startup'
                __mmtrain_parse_subcommand 0 'data=' 'preset=' 'repetitions=' 'json' 'version' 'h/help'
            case 'safeguards'
                __mmtrain_parse_subcommand 0 'model=' 'preset=' 'batch=' 'steps=' 'json' 'version' 'h/help'
            end
        case 'help'
            __mmtrain_parse_subcommand -r 1 'version'
        end
    end
end

function __mmtrain_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __mmtrain_parse_subcommand -S -a positional_count
    argparse -s r -- $argv
    set -l option_specs $argv[2..]
    set -l is_repeating_positional $_flag_r
    set -el _flag_r
    set -a commands $unparsed_tokens[1]
    set positional_index 0
    while true
        set -e unparsed_tokens[1]
        argparse -sn "$commands" $option_specs -- $unparsed_tokens 2> /dev/null
        set unparsed_tokens $argv
        set positional_index (math $positional_index + 1)
        for non_repeating_flag_or_option in $non_repeating_flags_or_options
            if set -ql "_flag_$(string replace -a - _ -- $non_repeating_flag_or_option)"
                set non_repeating_flags_or_options_absent 1
                break
            end
        end
        test (count $unparsed_tokens) -eq 0 -o \( -z "$is_repeating_positional" -a "$positional_index" -gt "$positional_count" \) && break
    end
end

function __mmtrain_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __mmtrain_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__mmtrain_tokens -p)
    if test -z "$(__mmtrain_tokens -t)"
        set -l index (count (__mmtrain_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'mmtrain' -f
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain" -eq 1' -fa 'train' -d 'Train a model (the default command).'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain" -eq 1' -fa 'prepare' -d 'Make a data set for training: fetch a known one, or take an archive or a folder of photos.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain" -eq 1' -fa 'evaluate' -d 'Measure a checkpoint on a split: retrieval, matching, masked words and regions.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain" -eq 1' -fa 'match' -d 'Say how well photos and texts fit each other.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain" -eq 1' -fa 'embed' -d 'Write the features of photos and texts to a file.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain" -eq 1' -fa 'zeroshot' -d 'Classify photos by the names of their classes, and say how often that is right.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain" -eq 1' -fa 'search' -d 'Find photos by a text or by another photo.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain" -eq 1' -fa 'export' -d 'Write a model as transformers or open_clip load it.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain" -eq 1' -fa 'fetch' -d 'Fetch a model from the hub into the cache, and print where it is.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain" -eq 1' -fa 'inspect' -d 'Show what a checkpoint, a model, a data set or a safetensors file holds.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain" -eq 1' -fa 'verify' -d 'Compare this machine\'s results, or a model\'s, with those of other programs.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain" -eq 1' -fa 'doctor' -d 'Tell what this machine offers and what is in the way.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain" -eq 1' -fa 'bench' -d 'Measure how fast this machine trains.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain train"' -l 'config' -d 'Configuration file; of several, later ones win.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain train"' -l 'set' -d 'Set one key; may be given often.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain train" output' -l 'output' -d 'Run directory (sets the key output).' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain train" resume' -l 'resume' -d 'Where to go on from: auto, never, or a directory.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain train" ranks' -l 'ranks' -d 'Start this many ranks with mpirun, and look after them.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain train" hostfile' -l 'hostfile' -d 'With --ranks: the machines to start them on; by default this one, or those of the batch job.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain train" restarts' -l 'restarts' -d 'With --ranks: start them again from the newest checkpoint, at most so often, where one dies or hangs.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain train" threads' -l 'threads' -d 'Threads of a rank; by default the cores are divided.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain train" accept-data-change' -l 'accept-data-change' -d 'Go on from a checkpoint though the data set has changed since.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain train" dry-run' -l 'dry-run' -d 'Print the configuration with its origins, and whether the run has room here; train nothing.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain train" json' -l 'json' -d 'With --dry-run: print one JSON document.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain train" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain train" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain prepare"' -l 'archive' -d 'An archive (zip, tar, tar.gz) with photos and captions; several count as one.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain prepare" images' -l 'images' -d 'A folder of photos.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain prepare"' -l 'captions' -d 'The caption file, where it is not found by itself; give it several times for files that belong together.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain prepare" caption-columns' -l 'caption-columns' -d 'Columns of photo and captions in a table: names of its heading, or places from 1.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain prepare" caption-delimiter' -l 'caption-delimiter' -d 'What stands between a table\'s fields: comma, tab, semicolon or bar.' -rfka 'comma tab semicolon bar'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain prepare"' -l 'questions' -d 'A file of questions, where it is not found by itself; give it several times for several.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain prepare"' -l 'annotations' -d 'A file of answers to the questions of another file, or “none” where there is none.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain prepare"' -l 'boxes' -d 'A file of boxes with phrases: COCO\'s instances, or JSON records.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain prepare"' -l 'regions' -d 'Region features: a table (.tsv) of bottom-up attention, LXMERT, Oscar or VinVL, or a folder with an .npz a photo.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain prepare" columns' -l 'columns' -d 'What the columns of a table are: image=file,question=q,answer=a,label:finding=dx,text:report=note,group=patient.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain prepare"' -l 'table' -d 'The table that --columns is about, where it is not found by itself.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain prepare" splits' -l 'splits' -d 'What divides the photos: a file or a folder of lists, “folders” for train/, val/ and test/, or “hash”.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain prepare" tokenizer' -l 'tokenizer' -d 'A tokenizer.json to use instead of one trained on the captions.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain prepare" vocabulary-size' -l 'vocabulary-size' -d 'Most tokens of a trained tokenizer.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain prepare" name-encoding' -l 'name-encoding' -d 'How to read those names of an archive\'s files that are not UTF-8.' -rfka 'shift-jis euc-jp gbk big5 euc-kr latin-1 latin-2 windows-1251 cp866 cp850 cp437'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain prepare" max-bad-fraction' -l 'max-bad-fraction' -d 'Share of unfit photos or captions that is accepted.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain prepare" max-megapixels' -l 'max-megapixels' -d 'The largest photo that is taken, in millions of pixels.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain prepare" lenient' -l 'lenient' -d 'Take truncated or damaged photos; what is missing of them becomes grey.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain prepare" fail-on-leaks' -l 'fail-on-leaks' -d 'Refuse a set in which copies of a photo, or photos of one group, are in different splits; else a warning.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain prepare" output' -l 'output' -d 'The data set to make; must not exist. Of a known one: prepared/NAME.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain prepare" downloads' -l 'downloads' -d 'Where fetched files come to lie, and are looked for first: downloads/NAME beside the output.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain prepare" list' -l 'list' -d 'Show the data sets that are known.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain prepare" explain' -l 'explain' -d 'Show what would be fetched, how large it is and under which terms; fetch nothing.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain prepare" json' -l 'json' -d 'Print the report, the list or the explanation as one JSON document.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain prepare" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain prepare" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain evaluate" checkpoint' -l 'checkpoint' -d 'A directory, a .safetensors file in one, or a hub name.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain evaluate" data' -l 'data' -d 'A prepared data set.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain evaluate" split' -l 'split' -d 'The split to measure on.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain evaluate" rerank' -l 'rerank' -d 'Put the best k candidates in the order of the matching head.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain evaluate" pairs' -l 'pairs' -d 'Most pairs that the matching head of a model without features scores for retrieval; fewer photos are taken for it.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain evaluate" threads' -l 'threads' -d 'Threads of a rank; by default the cores are divided.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain evaluate" allow-nonfinite' -l 'allow-nonfinite' -d 'Take weights that are NaN or infinite, and name their tensors.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain evaluate" json' -l 'json' -d 'Print one JSON document.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain evaluate" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain evaluate" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain match" model' -l 'model' -d 'A directory, a .safetensors file in one, or a hub name.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain match"' -l 'image' -l 'images' -d 'JPEG, PNG or WebP files, and folders of them.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain match"' -l 'text' -d 'Texts.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain match" texts' -l 'texts' -d 'A file with a text a line; - is standard input.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain match" over' -l 'over' -d 'What the probabilities are over: texts, images or pairs.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain match" skip-bad' -l 'skip-bad' -d 'Leave out photos that cannot be read, and say so.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain match" precision' -l 'precision' -d 'fp32, bf16, or auto for the faster one here.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain match" threads' -l 'threads' -d 'Threads of a rank; by default the cores are divided.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain match" allow-nonfinite' -l 'allow-nonfinite' -d 'Take weights that are NaN or infinite, and name their tensors.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain match" json' -l 'json' -d 'Print one JSON document.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain match" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain match" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain embed" model' -l 'model' -d 'A directory, a .safetensors file in one, or a hub name.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain embed"' -l 'images' -l 'image' -d 'JPEG, PNG or WebP files, and folders of them.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain embed" texts' -l 'texts' -d 'A file with a text a line, each a row, be it empty; - is standard input.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain embed" data' -l 'data' -d 'A prepared data set: its photos and their captions.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain embed" split' -l 'split' -d 'The split of the data set; all of them by default.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain embed" output' -l 'output' -d 'The file to write.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain embed" skip-bad' -l 'skip-bad' -d 'Leave out photos that cannot be read, and say so.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain embed" precision' -l 'precision' -d 'fp32, bf16, or auto for the faster one here.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain embed" threads' -l 'threads' -d 'Threads of a rank; by default the cores are divided.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain embed" allow-nonfinite' -l 'allow-nonfinite' -d 'Take weights that are NaN or infinite, and name their tensors.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain embed" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain embed" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain zeroshot" model' -l 'model' -d 'A directory, a .safetensors file in one, or a hub name.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain zeroshot" data' -l 'data' -d 'A folder or zip with a folder a class, or a prepared set with labels.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain zeroshot" split' -l 'split' -d 'The split of a prepared set; all of them by default.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain zeroshot" classes' -l 'classes' -d 'The classes\' words: NAME<TAB>WORDS a line, or words in the order of names.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain zeroshot"' -l 'template' -d 'A text with {} for the class; may be repeated.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain zeroshot" templates' -l 'templates' -d 'A file with a template a line.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain zeroshot" skip-bad' -l 'skip-bad' -d 'Leave out photos that cannot be read, and say so.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain zeroshot" precision' -l 'precision' -d 'fp32, bf16, or auto for the faster one here.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain zeroshot" threads' -l 'threads' -d 'Threads of a rank; by default the cores are divided.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain zeroshot" allow-nonfinite' -l 'allow-nonfinite' -d 'Take weights that are NaN or infinite, and name their tensors.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain zeroshot" json' -l 'json' -d 'Print one JSON document.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain zeroshot" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain zeroshot" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain search" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain search" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain search" -eq 1' -fa 'index' -d 'Encode photos into an index.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain search" -eq 1' -fa 'query' -d 'Ask an index for the photos nearest to texts or photos.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain search index" model' -l 'model' -d 'A directory, a .safetensors file in one, or a hub name.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain search index" photos' -l 'photos' -d 'A folder, a zip or a prepared data set.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain search index" split' -l 'split' -d 'The split of a prepared set; all of them by default.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain search index" output' -l 'output' -d 'The index to write.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain search index" skip-bad' -l 'skip-bad' -d 'Leave out photos that cannot be read, and say so.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain search index" precision' -l 'precision' -d 'fp32, bf16, or auto for the faster one here.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain search index" threads' -l 'threads' -d 'Threads of a rank; by default the cores are divided.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain search index" allow-nonfinite' -l 'allow-nonfinite' -d 'Take weights that are NaN or infinite, and name their tensors.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain search index" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain search index" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain search query" index' -l 'index' -d 'What `search index` wrote.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain search query"' -l 'text' -d 'Texts that the photos should show.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain search query"' -l 'image' -d 'JPEG, PNG or WebP files that the photos should be like.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain search query" top' -l 'top' -d 'How many photos to find.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain search query" model' -l 'model' -d 'Where the index\'s model is; by default where it was.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain search query" html' -l 'html' -d 'Write a page that shows the photos.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain search query" precision' -l 'precision' -d 'fp32, bf16, or auto for the faster one here.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain search query" threads' -l 'threads' -d 'Threads of a rank; by default the cores are divided.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain search query" allow-nonfinite' -l 'allow-nonfinite' -d 'Take weights that are NaN or infinite, and name their tensors.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain search query" json' -l 'json' -d 'Print one JSON document.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain search query" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain search query" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain export" model' -l 'model' -d 'A checkpoint, a model directory, or a hub name.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain export" to' -l 'to' -d 'The library that is to read it: huggingface or open_clip.' -rfka 'huggingface open_clip'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain export" output' -l 'output' -d 'A directory that is not there yet.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain export" allow-nonfinite' -l 'allow-nonfinite' -d 'Take weights that are NaN or infinite, and name their tensors.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain export" json' -l 'json' -d 'Print one JSON document.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain export" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain export" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain fetch" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain fetch" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain inspect" verify' -l 'verify' -d 'Read all of a prepared data set and compare every hash.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain inspect" json' -l 'json' -d 'Print one JSON document.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain inspect" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain inspect" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain verify" model' -l 'model' -d 'A directory, a .safetensors file in one, or a hub name.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain verify" case' -l 'case' -d 'Inputs, outputs, losses and gradients as safetensors.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain verify" tolerance' -l 'tolerance' -d 'The largest difference from --case, in parts of an array\'s largest value; 1e-4 by default.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain verify" threads' -l 'threads' -d 'Threads for --case; by default one for each core.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain verify" json' -l 'json' -d 'Print one JSON document.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain verify" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain verify" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain doctor" ranks' -l 'ranks' -d 'Ranks that you want to run here.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain doctor" threads' -l 'threads' -d 'Threads of a rank.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain doctor" output' -l 'output' -d 'Where runs will be written.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain doctor" json' -l 'json' -d 'Print one JSON document.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain doctor" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain doctor" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain bench" -eq 1' -fa 'step' -d 'Time whole training steps: forward, backward, sum over ranks, AdamW.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain bench" -eq 1' -fa 'embed' -d 'Time the encoding of photos and texts, without decoding.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain bench" -eq 1' -fa 'gemm' -d 'Time the matrix products of a preset against the peak of multiply-adds.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain bench" -eq 1' -fa 'convolutions' -d 'Time the convolutions of published networks without and with oneDNN\'s kernels.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain bench" -eq 1' -fa 'kernels' -d 'Time the fused kernels against a triad, on one core.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain bench" -eq 1' -fa 'allreduce' -d 'Time the sum over ranks of 1 to 64 MiB, beside MPI_Allreduce.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain bench" -eq 1' -fa 'scaling' -d 'Measure steps on 1, 2 and 4 ranks, and predict them for up to 1,024.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain bench" -eq 1' -fa 'loader' -d 'Time the way from stored photos to a model\'s input, on one core.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain bench" -eq 1' -fa 'checkpoint' -d 'Time saving and loading a model with its optimizer\'s moments.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain bench" -eq 1' -fa 'startup' -d 'Time the start of the program, and of a run up to its first step.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_positional "mmtrain bench" -eq 1' -fa 'safeguards' -d 'Time training steps with and without what watches over them, in turns.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench step" model' -l 'model' -d 'One of clip, dual-encoder, cross-attention, fusion, mobileclip, vilt, vilbert, uniter, mmbert.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench step" preset' -l 'preset' -d 'A set of sizes: tiny, small, vit-b-32, vit-b-16, vit-l-14 or base.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench step" batch' -l 'batch' -d 'Pairs of the global batch.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench step" precision' -l 'precision' -d 'fp32, bf16, or auto for the faster one here.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench step" micro' -l 'micro' -d 'Pairs that a rank computes at once; all by default.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench step" recompute' -l 'recompute' -d 'What runs again in the backward pass: none or blocks.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench step" steps' -l 'steps' -d 'Steps that are counted.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench step" threads' -l 'threads' -d 'Threads of a rank; by default the cores are divided.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench step" data' -l 'data' -d 'A prepared data set.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench step" caption-lengths' -l 'caption-lengths' -d 'Without --data: tokens of the captions, in turn.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench step"' -l 'set' -d 'Set a configuration key; may be repeated.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench step" padded' -l 'padded' -d 'Fill captions up to the context length, as peers do.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench step" json' -l 'json' -d 'Print one JSON document.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench step" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench step" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench embed" model' -l 'model' -d 'A directory, a .safetensors file in one, or a hub name.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench embed" preset' -l 'preset' -d 'Sizes without a model: tiny, small, vit-b-32, vit-b-16, vit-l-14 or base.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench embed" batch' -l 'batch' -d 'Photos at once.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench embed" texts' -l 'texts' -d 'Texts in all.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench embed" tokens' -l 'tokens' -d 'Tokens of the texts, in turn, start and end among them.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench embed" repetitions' -l 'repetitions' -d 'Runs that are counted.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench embed"' -l 'set' -d 'Without --model: set a configuration key; may be repeated.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench embed" precision' -l 'precision' -d 'fp32, bf16, or auto for the faster one here.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench embed" threads' -l 'threads' -d 'Threads of a rank; by default the cores are divided.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench embed" allow-nonfinite' -l 'allow-nonfinite' -d 'Take weights that are NaN or infinite, and name their tensors.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench embed" json' -l 'json' -d 'Print one JSON document.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench embed" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench embed" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench gemm" preset' -l 'preset' -d 'A set of sizes: tiny, small, vit-b-32, vit-b-16, vit-l-14 or base.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench gemm" batch' -l 'batch' -d 'Pairs of the batch.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench gemm" caption-tokens' -l 'caption-tokens' -d 'Tokens of a caption.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench gemm" precision' -l 'precision' -d 'fp32 or bf16.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench gemm" products' -l 'products' -d 'The library of fp32 products: openblas, onednn, or auto for the faster.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench gemm" threads' -l 'threads' -d 'Threads.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench gemm" json' -l 'json' -d 'Print one JSON document.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench gemm" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench gemm" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench convolutions" batch' -l 'batch' -d 'Images of the batch.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench convolutions" products' -l 'products' -d 'The library of fp32 products: openblas, onednn, or auto for the faster.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench convolutions" repetitions' -l 'repetitions' -d 'How often each is timed; the best counts.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench convolutions" threads' -l 'threads' -d 'Threads.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench convolutions" json' -l 'json' -d 'Print one JSON document.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench convolutions" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench convolutions" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench kernels" level' -l 'level' -d 'baseline, avx2 or avx512; the best of this processor unless given.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench kernels" json' -l 'json' -d 'Print one JSON document.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench kernels" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench kernels" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench allreduce" sizes' -l 'sizes' -d 'Sizes in MiB; in KiB with a k behind them.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench allreduce" repetitions' -l 'repetitions' -d 'Repetitions of each size.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench allreduce" json' -l 'json' -d 'Print one JSON document.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench allreduce" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench allreduce" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench scaling" model' -l 'model' -d 'One of clip, dual-encoder, cross-attention, fusion, mobileclip, vilt, vilbert, uniter, mmbert.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench scaling" preset' -l 'preset' -d 'A set of sizes: tiny, small, vit-b-32, vit-b-16, vit-l-14 or base.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench scaling" batch' -l 'batch' -d 'Pairs of the global batch here, and of each node in the prediction.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench scaling" precision' -l 'precision' -d 'fp32, bf16, or auto for the faster one here.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench scaling" steps' -l 'steps' -d 'Steps that are counted in each run.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench scaling" data' -l 'data' -d 'A prepared data set.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench scaling" write' -l 'write' -d 'Write a page of Markdown to this file.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench scaling" json' -l 'json' -d 'Print one JSON document.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench scaling" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench scaling" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench loader" data' -l 'data' -d 'A prepared data set.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench loader" split' -l 'split' -d 'The split.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench loader" image-size' -l 'image-size' -d 'Pixels of a side.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench loader" photos' -l 'photos' -d 'Most photos to measure on.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench loader" json' -l 'json' -d 'Print one JSON document.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench loader" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench loader" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench checkpoint" model' -l 'model' -d 'One of clip, dual-encoder, cross-attention, fusion, mobileclip, vilt, vilbert, uniter, mmbert.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench checkpoint" preset' -l 'preset' -d 'A set of sizes: tiny, small, vit-b-32, vit-b-16, vit-l-14 or base.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench checkpoint" output' -l 'output' -d 'A directory on the disk to measure; nothing stays in it.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench checkpoint" repetitions' -l 'repetitions' -d 'Saves that are counted.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench checkpoint" json' -l 'json' -d 'Print one JSON document.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench checkpoint" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench checkpoint" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench startup" data' -l 'data' -d 'A prepared data set; without one only --help is timed.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench startup" preset' -l 'preset' -d 'The preset of the run.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench startup" repetitions' -l 'repetitions' -d 'Repetitions, of which the median is shown.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench startup" json' -l 'json' -d 'Print one JSON document.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench startup" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench startup" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench safeguards" model' -l 'model' -d 'One of clip, dual-encoder, cross-attention, fusion, mobileclip, vilt, vilbert, uniter, mmbert.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench safeguards" preset' -l 'preset' -d 'A set of sizes: tiny, small, vit-b-32, vit-b-16, vit-l-14 or base.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench safeguards" batch' -l 'batch' -d 'Pairs of the global batch.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench safeguards" steps' -l 'steps' -d 'Steps of each kind that are counted.' -rfka ''
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench safeguards" json' -l 'json' -d 'Print one JSON document.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench safeguards" version' -l 'version' -d 'Show the version.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain bench safeguards" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'mmtrain' -n '__mmtrain_should_offer_completions_for_flags_or_options "mmtrain help" version' -l 'version' -d 'Show the version.'
